import { component, sound } from "../parts.js";

const config = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate(value) {
      if (typeof value !== "object") throw new TypeError("it is no object");
      return { value };
    },
  },
};

export default sound({ components: [component("shelf", { config })] });
