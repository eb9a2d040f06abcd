import { evaluate, pixels, preprocess, register, stratifiedSplit, trainingPipeline } from "@tenon/ml";
import { images } from "./src/data.js";
import { fit } from "./src/fit.js";

const split = stratifiedSplit({ train: 0.8, validation: 0.1, test: 0.1 }, { by: "digit" });
const prepare = preprocess({ features: { image: [pixels()] }, label: "digit" });
const judge = evaluate();
const promote = register({ atLeast: { accuracy: 0.95 } });

/** Which digit does an image show? */
export const digits = trainingPipeline({
  name: "digits",
  data: images.latest(),
  split,
  preprocess: prepare,
  train: fit,
  evaluate: judge,
  register: promote,
});
