import type { Materializer } from "@tenon/core";
import { FittedTransform, type TransformState } from "../preprocessing/fitted-transform.js";
import { LinearModel } from "./linear-model.js";
import { linearModel } from "./linear-model-type.js";
import { trainedModelMetadata } from "./trained-model.js";

export const materializer: Materializer<LinearModel> = {
  type: linearModel,
  format: "ml-linear/1",
  reads: ["ml-linear/1"],
  recognises: (value): value is LinearModel => value instanceof LinearModel,

  async save({ transform, weights }, files) {
    await files.write("transform.json", JSON.stringify(transform.state));
    await files.write("weights.json", JSON.stringify(weights.map((line) => Array.from(line))));
  },

  async load(files) {
    const transform = new FittedTransform(JSON.parse(await files.text("transform.json")) as TransformState);
    const weights = JSON.parse(await files.text("weights.json")) as number[][];
    return new LinearModel(
      transform,
      weights.map((line) => Float64Array.from(line)),
    );
  },

  metadata: (model) => ({
    ...trainedModelMetadata(model),
    weights: model.weights.reduce((sum, line) => sum + line.length, 0),
  }),
};
