import { component, materializer, sound } from "../parts.js";

export default sound({
  components: [component("shelf"), component("shelf"), component("drawer")],
  materializers: [materializer, { ...materializer, type: { kind: "artifactType", name: "sound/Lid" } }],
});
