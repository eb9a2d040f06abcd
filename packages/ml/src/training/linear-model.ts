import { TenonError } from "@tenon/core";
import type { FittedTransform } from "../preprocessing/fitted-transform.js";
import type { Features } from "./examples.js";
import { TrainedModel } from "./trained-model.js";

/** A linear regression, or a softmax regression if the label has classes. */
export class LinearModel extends TrainedModel {
  readonly framework = "ml";
  /** For each output one weight a feature, then the bias. */
  readonly weights: readonly Float64Array[];

  /** @throws `TRAINING_INVALID` if the weights do not fit the transform, or are no numbers */
  constructor(transform: FittedTransform, weights: readonly Float64Array[]) {
    super(transform);
    this.weights = weights;
    const lines = this.task === "classification" ? this.classes.length : 1;
    const width = transform.featureNames.length + 1;
    const odd = weights.find((line) => line.length !== width || !line.every(Number.isFinite));
    if (weights.length === lines && odd === undefined) return;
    throw new TenonError("TRAINING_INVALID", {
      doing: `making a linear model of '${this.label}'`,
      found:
        odd?.length === width
          ? "a weight is no number"
          : `its weights are ${weights.length} times ${(odd ?? weights[0])?.length ?? 0}, and ${lines} times ${width} are expected`,
      fix: "Give for each class (or for the number) one weight a feature, then the bias.",
    });
  }

  protected score(features: Features): Float64Array {
    return scoresOf(this.weights, features, this.task === "classification");
  }
}

/** Weighted sums, row after row; with `softmax` as probabilities. */
export function scoresOf(weights: readonly Float64Array[], features: Features, softmax: boolean): Float64Array {
  const { rows, width, values } = features;
  const outputs = weights.length;
  const scores = new Float64Array(rows * outputs);
  for (let row = 0; row < rows; row++) {
    for (let output = 0; output < outputs; output++) {
      const line = weights[output] as Float64Array;
      let sum = line[width] as number;
      for (let at = 0; at < width; at++) sum += (line[at] as number) * (values[row * width + at] as number);
      scores[row * outputs + output] = sum;
    }
    if (softmax) toProbabilities(scores.subarray(row * outputs, (row + 1) * outputs));
  }
  return scores;
}

function toProbabilities(scores: Float64Array): void {
  const highest = scores.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  let total = 0;
  for (let at = 0; at < scores.length; at++) {
    const power = Math.exp((scores[at] as number) - highest);
    scores[at] = power;
    total += power;
  }
  for (let at = 0; at < scores.length; at++) scores[at] = (scores[at] as number) / total;
}
