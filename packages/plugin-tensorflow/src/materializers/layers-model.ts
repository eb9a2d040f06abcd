import { type Materializer, TenonError } from "@tenon/core";
import type { LayersModel } from "@tensorflow/tfjs";
import { loadNetwork } from "../models/load-network.js";
import { artifactsOf } from "../models/model-artifacts.js";
import { layersModel as type } from "../types.js";
import { readModel, writeModel } from "./model-file.js";
import { describeModel, summaryOf } from "./model-summary.js";
import { refusal } from "./refusal.js";

export const materializer: Materializer<LayersModel> = {
  type,
  format: "tfjs-layers-model/1",
  reads: ["tfjs-layers-model/1"],
  recognises: isLayersModel,

  async save(model, files) {
    if (!isLayersModel(model)) throw refusal(type, model, "Return a model of tf.sequential or tf.model.");
    assertBuilt(model);
    await writeModel(await artifactsOf(model, { includeOptimizer: true }), files);
  },

  async load(files) {
    return await loadNetwork(await readModel(files, "layers-model"));
  },

  metadata: describeModel,
  visualize: (model) => [{ name: "summary", mediaType: "text/plain", body: summaryOf(model) }],
};

function isLayersModel(value: unknown): value is LayersModel {
  const { layers, predict, getWeights, fit } = (value ?? {}) as Partial<LayersModel>;
  return Array.isArray(layers) && [predict, getWeights, fit].every((method) => typeof method === "function");
}

/** @throws `MATERIALIZER_FAILED` */
function assertBuilt(model: LayersModel): void {
  if (model.layers.length > 0 && model.outputs?.length > 0) return;
  throw new TenonError("MATERIALIZER_FAILED", {
    doing: "saving a model of layers",
    found:
      model.layers.length === 0 ? "it has no layers" : "the shape of its input is not known, so that it has no weights",
    fix: "Give its first layer an inputShape.",
  });
}
