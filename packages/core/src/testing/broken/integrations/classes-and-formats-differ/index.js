import { materializer, sound } from "../parts.js";

export default sound({ materializers: [{ ...materializer, classes: ["Crate"], reads: ["box/2"] }] });
