import { sound } from "../parts.js";

const timer = setInterval(() => {}, 60_000);
// In the test's own process nothing may stay; in the child that imports it to see, it does.
if (process.env.TENON_MODULE === undefined) timer.unref();

export default sound();
