import { config, hooks, kind, materializer } from "../parts.js";

export default {
  name: "sound",
  components: [{ kind, flavor: "shelf", config, requires: ["semver"], load: async () => ({ create: () => ({}) }) }],
  materializers: [materializer],
  hooks,
  activate({ container }) {
    container.registerValue({ id: "sound/lid" }, "lid");
  },
  checkInstallation: async () => ["the shelf is not fixed to the wall"],
};
