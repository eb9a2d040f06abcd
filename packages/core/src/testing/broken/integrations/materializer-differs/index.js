import { materializer, sound } from "../parts.js";

const loaded = { type: { kind: "artifactType", name: "sound/Box" }, format: "crate/1", reads: ["crate/1"] };

export default sound({ materializers: [{ ...materializer, load: async () => ({ materializer: loaded }) }] });
