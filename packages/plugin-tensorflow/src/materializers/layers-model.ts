import { type Materializer, TenonError } from "@tenon/core";
import type { io, LayersModel } from "@tensorflow/tfjs";
import { tensorflow } from "../tensorflow.js";
import { layersModel as type } from "../types.js";
import { readModel, writeModel } from "./model-file.js";
import { describeModel, summaryOf } from "./model-summary.js";
import { refusal } from "./refusal.js";
import { withStableNames } from "./stable-names.js";

export const materializer: Materializer<LayersModel> = {
  type,
  format: "tfjs-layers-model/1",
  reads: ["tfjs-layers-model/1"],
  recognises: isLayersModel,

  async save(model, files) {
    if (!isLayersModel(model)) throw refusal(type, model, "Return a model of tf.sequential or tf.model.");
    assertBuilt(model);
    await writeModel(await tensorflow(), withStableNames(await artifactsOf(model)), files);
  },

  async load(files) {
    const tf = await tensorflow();
    const artifacts = await readModel(tf, files, "layers-model");
    try {
      return await tf.loadLayersModel(tf.io.fromMemory(artifacts));
    } catch (cause) {
      throw unknownLayer(cause) ?? cause;
    }
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

async function artifactsOf(model: LayersModel): Promise<io.ModelArtifacts> {
  let taken: io.ModelArtifacts | undefined;
  const handler: io.IOHandler = {
    save: async (artifacts) => {
      taken = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
    },
  };
  await model.save(handler, { includeOptimizer: true });
  return taken as io.ModelArtifacts;
}

function unknownLayer(cause: unknown): TenonError | undefined {
  const name = /^Unknown (\w+): ([\w$>-]+(?:\.\w+)*)/.exec((cause as Error).message);
  if (name === null) return undefined;
  return new TenonError("LAYER_UNKNOWN", {
    doing: "loading a model of layers",
    found: `it has the ${name[1]?.toLowerCase()} '${name[2]}', which is not registered in this process`,
    fix: `Import the module that has the class and calls tf.serialization.registerClass(${name[2]}) before the model is loaded.`,
    cause,
  });
}
