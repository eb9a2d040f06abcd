import { component, sound } from "../parts.js";

export default sound({ components: [component("shelf", { load: async () => ({ make() {} }) })] });
