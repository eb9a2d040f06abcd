import semver from "semver";
import { sound } from "../parts.js";

export default { ...sound(), checkInstallation: () => (semver.valid("1.0.0") ? [] : ["semver is odd"]) };
