import type { Materializer } from "@tenon/core";
import { FittedTransform, type TransformState, trainedModelMetadata } from "@tenon/ml";
import { z } from "zod";
import { parametersOf } from "../models/model-artifacts.js";
import { TensorFlowModel } from "../models/tensorflow-model.js";
import { tensorflowModel as type } from "../types.js";
import { readModel, writeModel } from "./model-file.js";
import { readJson } from "./read-json.js";
import { refusal } from "./refusal.js";

const path = "transform.json";

/** A network beside the transform that goes with it. Neither reading nor writing loads TensorFlow.js. */
export const materializer: Materializer<TensorFlowModel> = {
  type,
  format: "tfjs-trained-model/1",
  reads: ["tfjs-trained-model/1"],
  recognises: (value): value is TensorFlowModel => value instanceof TensorFlowModel,

  async save(model, files) {
    if (!(model instanceof TensorFlowModel)) throw refusal(type, model, "Return what a TensorFlow trainer has made.");
    await files.write(path, `${JSON.stringify(model.transform.state, null, 2)}\n`);
    await writeModel(model.artifacts, files);
  },

  async load(files) {
    const state = await readJson(files, path, z.looseObject({ features: z.array(z.looseObject({})) }));
    const artifacts = await readModel(files, "layers-model");
    return new TensorFlowModel(new FittedTransform(state as unknown as TransformState), artifacts);
  },

  metadata: (model) => ({ ...trainedModelMetadata(model), parameters: parametersOf(model.artifacts) }),
};
