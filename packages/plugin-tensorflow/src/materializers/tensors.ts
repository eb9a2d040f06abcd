import type { Materializer } from "@tenon/core";
import type { NamedTensorMap } from "@tensorflow/tfjs";
import { tensorflow } from "../tensorflow.js";
import { tensors as type } from "../types.js";
import { assertLiving, isTensor, loadTensors, saveTensors } from "./named-tensors.js";
import { refusal } from "./refusal.js";

const mostShown = 200;

export const materializer: Materializer<NamedTensorMap> = {
  type,
  format: "tfjs-tensors/1",
  reads: ["tfjs-tensors/1"],

  async save(named, files) {
    if (!isTensorMap(named)) throw refusal(type, named, "Return an object of tensors: { weights, bias }.");
    for (const [name, tensor] of Object.entries(named)) assertLiving(tensor, `the tensor '${name}'`);
    await saveTensors(await tensorflow(), named, files);
  },

  load: async (files) => await loadTensors(await tensorflow(), files),

  metadata: (named) => ({
    tensors: Object.fromEntries(
      Object.entries(named)
        .slice(0, mostShown)
        .map(([name, { dtype, shape }]) => [name, { dtype, shape: [...shape] }]),
    ),
  }),
};

function isTensorMap(value: unknown): value is NamedTensorMap {
  if (typeof value !== "object" || value === null || Array.isArray(value) || isTensor(value)) return false;
  return Object.values(value).every(isTensor);
}
