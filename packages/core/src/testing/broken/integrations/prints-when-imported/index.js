import { sound } from "../parts.js";

console.log("sound is here");

export default sound();
