import { type Materializer, TenonError } from "@tenon/core";
import type { GraphModel } from "@tensorflow/tfjs";
import { savedArtifacts } from "../models/model-artifacts.js";
import { shown } from "../tensor-shape.js";
import { tensorflow } from "../tensorflow.js";
import { graphModel as type } from "../types.js";
import { readModel, writeModel } from "./model-file.js";
import { refusal } from "./refusal.js";

export const materializer: Materializer<GraphModel> = {
  type,
  format: "tfjs-graph-model/1",
  reads: ["tfjs-graph-model/1"],
  recognises: isGraphModel,

  async save(model, files) {
    if (!isGraphModel(model)) throw refusal(type, model, "Return a model of tf.loadGraphModel.");
    await writeModel({ ...(await savedArtifacts(model)), format: "graph-model" }, files);
  },

  async load(files) {
    const tf = await tensorflow();
    const artifacts = await readModel(files, "graph-model");
    const model = await tf.loadGraphModel(tf.io.fromMemory(artifacts));
    assertKnown(model);
    return model;
  },

  metadata: ({ inputs, outputs, modelVersion }) => ({
    inputs: inputs.map(({ name, dtype, shape }) => `${name} ${shown({ dtype, ...(shape && { shape }) })}`),
    outputs: outputs.map(({ name }) => name),
    version: modelVersion,
  }),
};

function isGraphModel(value: unknown): value is GraphModel {
  const { executeAsync, inputNodes, predict } = (value ?? {}) as Partial<GraphModel>;
  return typeof executeAsync === "function" && Array.isArray(inputNodes) && typeof predict === "function";
}

interface GraphNode {
  readonly op: string;
  readonly name: string;
  /** Absent if nothing is known of the operation. */
  readonly category: string | undefined;
}

/** TensorFlow.js says so only when it comes to the operation. */
function assertKnown(model: GraphModel): void {
  const { graph } = (model as unknown as { executor: { graph: { nodes: Readonly<Record<string, GraphNode>> } } })
    .executor;
  const first = Object.values(graph.nodes).find(({ op, category }) => op !== undefined && category === undefined);
  if (first === undefined) return;
  model.dispose();
  throw new TenonError("LAYER_UNKNOWN", {
    doing: "loading a graph model",
    found: `its node '${first.name}' is the operation '${first.op}', which is not registered in this process`,
    fix: `Call tf.registerOp("${first.op}", …) before the model is loaded.`,
  });
}
