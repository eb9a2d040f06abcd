// Importing the operations defines them; what reads a saved transform imports this.
export { bucketize } from "./operations/bucketize.js";
export { impute } from "./operations/impute.js";
export { oneHot } from "./operations/one-hot.js";
export { pixels } from "./operations/pixels.js";
export { scale } from "./operations/scale.js";
export { standardise } from "./operations/standardise.js";
export { vocabulary } from "./operations/vocabulary.js";
