import { TenonError } from "@tenon/core";
import type { LayersModel } from "@tensorflow/tfjs";
import type { TensorFlow } from "../backend/names.js";
import { shown } from "../tensor-shape.js";
import type { OptimizerName } from "./parameters.js";

/** What a network is compiled with if its `modelFn` has not done so. */
export interface CompileOptions {
  readonly optimizer: OptimizerName;
  readonly learningRate: number;
  /** Absent for regression. */
  readonly classes: readonly string[] | undefined;
}

/**
 * Compiles a network for its task: squared error for numbers, cross-entropy for classes, Adam unless said otherwise.
 *
 * @throws `TENSOR_MISMATCHED` if its output does not have a number for each class
 */
export function compileFor(tf: TensorFlow, model: LayersModel, options: CompileOptions): void {
  const { classes, optimizer, learningRate } = options;
  const units = model.outputs[0]?.shape.at(-1) ?? 0;
  const binary = classes?.length === 2 && units === 1;
  if (classes === undefined ? units !== 1 : units !== classes.length && !binary) {
    throw mismatched(model, classes?.length ?? 1);
  }
  if (model.optimizer) return;
  const loss = binary ? "binaryCrossentropy" : "sparseCategoricalCrossentropy";
  model.compile({
    optimizer: tf.train[optimizer](learningRate),
    loss: classes === undefined ? "meanSquaredError" : loss,
    metrics: classes === undefined ? ["mae"] : ["accuracy"],
  });
}

function mismatched(model: LayersModel, units: number): TenonError {
  const found = model.outputs.map(({ dtype, shape }) => shown({ dtype, shape })).join(" and ");
  return new TenonError("TENSOR_MISMATCHED", {
    doing: "looking at what the network gives",
    found: `expected float32 [?, ${units}], and found ${found}`,
    fix: `Give its last layer ${units} unit${units === 1 ? "" : "s, one a class, and softmax as its activation"}.`,
  });
}
