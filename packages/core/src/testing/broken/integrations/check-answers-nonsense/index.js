import { sound } from "../parts.js";

export default sound({ checkInstallation: () => true });
