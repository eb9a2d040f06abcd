import { sound } from "../parts.js";

let active = false;

export default sound({
  activate() {
    if (active) throw new Error("it is active already");
    active = true;
  },
});
