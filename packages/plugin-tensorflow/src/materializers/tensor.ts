import { type Materializer, TenonError } from "@tenon/core";
import type { Tensor } from "@tensorflow/tfjs";
import { tensorflow } from "../tensorflow.js";
import { tensor as type } from "../types.js";
import { assertLiving, isTensor, loadTensors, saveTensors } from "./named-tensors.js";
import { refusal } from "./refusal.js";

const name = "tensor";

export const materializer: Materializer<Tensor> = {
  type,
  format: "tfjs-tensors/1",
  reads: ["tfjs-tensors/1"],
  recognises: isTensor,

  async save(tensor, files) {
    if (!isTensor(tensor)) throw refusal(type, tensor, "Return a tensor of TensorFlow.js.");
    assertLiving(tensor, "a tensor");
    await saveTensors(await tensorflow(), { [name]: tensor }, files);
  },

  async load(files) {
    const tf = await tensorflow();
    const tensors = await loadTensors(tf, files);
    const { [name]: tensor, ...others } = tensors;
    if (tensor !== undefined && Object.keys(others).length === 0) return tensor;
    tf.dispose(tensors);
    throw new TenonError("MATERIALIZER_FAILED", {
      doing: "reading a tensor",
      found: `there are the tensors ${Object.keys(tensors).join(", ")}, and one named '${name}' was expected`,
      fix: "Load it as the type that it was saved as.",
    });
  },

  metadata: ({ dtype, shape, size }) => ({ dtype, shape: [...shape], size }),
};
