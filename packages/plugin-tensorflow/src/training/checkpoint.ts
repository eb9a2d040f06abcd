import type { JsonObject } from "@tenon/core";
import type { io, LayersModel, NamedTensorMap, Optimizer, Tensor, Variable } from "@tensorflow/tfjs";
import type { TensorFlow } from "../backend/names.js";
import type { TrainingCallback } from "./callbacks.js";
import type { HistoryRow } from "./feed-forward-trainer.js";

/** Where a training was after an epoch: weights, the optimizer's state, and what its callbacks remember. */
export class TrainingCheckpoint {
  constructor(
    readonly epoch: number,
    readonly history: readonly HistoryRow[],
    /** What each callback remembers besides tensors. */
    readonly callbacks: readonly JsonObject[],
    /** As TensorFlow.js writes weights: `model/0`, `optimizer/0`, `scalar/accBeta1`, `callback/0/0`. */
    readonly specs: readonly io.WeightsManifestEntry[],
    readonly data: Uint8Array,
  ) {}
}

export interface Trained {
  readonly model: LayersModel;
  readonly callbacks: readonly TrainingCallback[];
}

export async function takeCheckpoint(
  tf: TensorFlow,
  { model, callbacks }: Trained,
  history: readonly HistoryRow[],
): Promise<TrainingCheckpoint> {
  const remembered = callbacks.map((callback) => callback.remember?.() ?? { values: {}, tensors: [] });
  const optimizer = await model.optimizer.getWeights();
  const list = [
    ...model.getWeights().map((tensor, at) => ({ name: `model/${at}`, tensor })),
    // Without the names of variables, which count what the process has made before.
    ...optimizer.map(({ tensor }, at) => ({ name: `optimizer/${at}`, tensor })),
    ...scalarsOf(tf, model.optimizer).map(([name, tensor]) => ({ name: `scalar/${name}`, tensor })),
    ...remembered.flatMap(({ tensors }, of) => tensors.map((tensor, at) => ({ name: `callback/${of}/${at}`, tensor }))),
  ];
  const { specs, data } = await tf.io.encodeWeights(list as never);
  // The number of steps is the only one that getWeights has made anew.
  optimizer[0]?.tensor.dispose();
  const values = remembered.map((one) => one.values);
  return new TrainingCheckpoint(history.at(-1)?.epoch ?? 0, [...history], values, specs, new Uint8Array(data));
}

/** Puts a network that was just built, and its callbacks, where the checkpoint was. */
export async function applyCheckpoint(tf: TensorFlow, checkpoint: TrainingCheckpoint, into: Trained): Promise<void> {
  const { model, callbacks } = into;
  const named = tf.io.decodeWeights(checkpoint.data.slice().buffer, checkpoint.specs as io.WeightsManifestEntry[]);
  const group = (prefix: string) => Object.entries(named).filter(([name]) => name.startsWith(prefix));
  model.setWeights(group("model/").map(([, tensor]) => tensor));
  const optimizer = group("optimizer/").map(([name, tensor]) => ({ name, tensor }));
  await model.optimizer.setWeights(optimizer as never);
  // Restored from the number of steps they would be rounded differently, and the weights with them.
  for (const [name, variable] of scalarsOf(tf, model.optimizer)) {
    const kept = named[`scalar/${name}`];
    if (kept) variable.assign(kept);
  }
  for (const [of, callback] of callbacks.entries()) {
    const tensors = group(`callback/${of}/`).map(([, tensor]) => tensor.clone());
    if (callback.recall) callback.recall({ values: checkpoint.callbacks[of] ?? {}, tensors });
    else tf.dispose(tensors);
  }
  tf.dispose(named as NamedTensorMap);
}

/** Numbers of an optimizer that grow with each step, and which its getWeights leaves out. */
function scalarsOf(tf: TensorFlow, optimizer: Optimizer): [string, Variable][] {
  const isScalar = (value: unknown): value is Variable => value instanceof tf.Variable && (value as Tensor).rank === 0;
  return Object.entries(optimizer).filter((entry): entry is [string, Variable] => isScalar(entry[1]));
}
