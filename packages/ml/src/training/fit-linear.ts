import { setImmediate } from "node:timers/promises";
import { TenonError } from "@tenon/core";
import type { Examples } from "./examples.js";
import { scoresOf } from "./linear-model.js";

export interface DescentOptions {
  readonly epochs: number;
  readonly learningRate: number;
  readonly l2: number;
  readonly signal?: AbortSignal;
  onEpoch?(epoch: number, loss: number): void;
}

/**
 * Softmax regression by gradient descent with Nesterov's momentum over all rows at once, from 0: no chance in it.
 *
 * @returns for each class one weight a feature, then the bias
 * @throws `TRAINING_DIVERGED` where the loss is no number
 */
export async function fitSoftmax(
  examples: Examples,
  classes: number,
  options: DescentOptions,
): Promise<Float64Array[]> {
  const { width } = examples;
  const make = () => Array.from({ length: classes }, () => new Float64Array(width + 1));
  const [weights, ahead] = [make(), make()];
  for (let epoch = 1; epoch <= options.epochs; epoch++) {
    // The work of an epoch is synchronous: let a cancellation come through.
    if (epoch % 16 === 0) await setImmediate();
    options.signal?.throwIfAborted();
    const { gradient, loss } = descent(ahead, examples, options.l2);
    if (!Number.isFinite(loss)) throw diverged(epoch, loss);
    options.onEpoch?.(epoch, loss);
    const momentum = (epoch - 1) / (epoch + 2);
    for (const [output, line] of weights.entries()) {
      for (let at = 0; at <= width; at++) {
        const next = (ahead[output]?.[at] as number) - options.learningRate * (gradient[output]?.[at] as number);
        const moved = next - (line[at] as number);
        line[at] = next;
        (ahead[output] as Float64Array)[at] = next + momentum * moved;
      }
    }
  }
  return weights;
}

/** The mean cross-entropy with half the squared weights times `l2`, and its slope. */
function descent(weights: readonly Float64Array[], examples: Examples, l2: number) {
  const { rows, width, values, labels } = examples;
  const scores = scoresOf(weights, examples, true);
  const outputs = weights.length;
  let loss = 0;
  const gradient = weights.map((line) => {
    for (let at = 0; at < width; at++) loss += (l2 / 2) * (line[at] as number) ** 2;
    return line.map((weight, at) => (at === width ? 0 : l2 * weight));
  });
  for (let row = 0; row < rows; row++) {
    const truth = labels[row] as number;
    loss -= Math.log(Math.max(scores[row * outputs + truth] as number, Number.MIN_VALUE)) / rows;
    for (const [output, line] of gradient.entries()) {
      const error = ((scores[row * outputs + output] as number) - (output === truth ? 1 : 0)) / rows;
      for (let at = 0; at < width; at++) line[at] = (line[at] as number) + error * (values[row * width + at] as number);
      line[width] = (line[width] as number) + error;
    }
  }
  return { gradient, loss };
}

/**
 * Least squares with a penalty of `l2` times the squared weights (not the bias), exactly: by the normal equations of the centered
 * features.
 *
 * @returns one weight a feature, then the bias
 * @throws `TRAINING_DIVERGED` if the equations cannot be solved
 */
export function fitLeastSquares({ rows, width, values, labels }: Examples, l2: number): Float64Array {
  const means = Float64Array.from({ length: width }, (_, at) => {
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += values[row * width + at] as number;
    return sum / rows;
  });
  const middle = labels.reduce((sum, label) => sum + label, 0) / rows;
  const matrix = Array.from({ length: width }, () => new Float64Array(width));
  const right = new Float64Array(width);
  const centered = new Float64Array(width);
  for (let row = 0; row < rows; row++) {
    for (let at = 0; at < width; at++) centered[at] = (values[row * width + at] as number) - (means[at] as number);
    for (const [at, line] of matrix.entries()) {
      const own = centered[at] as number;
      for (let other = 0; other <= at; other++)
        line[other] = (line[other] as number) + own * (centered[other] as number);
      right[at] = (right[at] as number) + own * ((labels[row] as number) - middle);
    }
  }
  for (const [at, line] of matrix.entries()) line[at] = (line[at] as number) + l2 * rows;
  const widest = matrix.reduce((sum, line, at) => sum + (line[at] as number), 0);
  if (!Number.isFinite(widest)) throw diverged(1, widest);
  const weights = solve(matrix, right);
  const bias = weights.reduce((rest, weight, at) => rest - weight * (means[at] as number), middle);
  if (!Number.isFinite(bias)) throw diverged(1, bias);
  return Float64Array.of(...weights, bias);
}

/** By Cholesky's decomposition, in place; only the lower half of the matrix is read. */
function solve(matrix: readonly Float64Array[], right: Float64Array): Float64Array {
  const size = right.length;
  const at = (row: number, column: number) => matrix[row]?.[column] as number;
  const dot = (row: number, column: number) => {
    let sum = 0;
    for (let k = 0; k < column; k++) sum += at(row, k) * at(column, k);
    return sum;
  };
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < row; column++) {
      (matrix[row] as Float64Array)[column] = (at(row, column) - dot(row, column)) / at(column, column);
    }
    (matrix[row] as Float64Array)[row] = Math.sqrt(at(row, row) - dot(row, row));
  }
  const result = right.slice();
  for (let row = 0; row < size; row++) {
    for (let k = 0; k < row; k++) result[row] = (result[row] as number) - at(row, k) * (result[k] as number);
    result[row] = (result[row] as number) / at(row, row);
  }
  for (let row = size - 1; row >= 0; row--) {
    for (let k = row + 1; k < size; k++) result[row] = (result[row] as number) - at(k, row) * (result[k] as number);
    result[row] = (result[row] as number) / at(row, row);
  }
  return result;
}

function diverged(epoch: number, loss: number): TenonError {
  return new TenonError("TRAINING_DIVERGED", {
    doing: `fitting a linear model, epoch ${epoch}`,
    found: `the loss is ${loss}`,
    fix: "Standardise the features, choose a smaller learning rate or a greater l2.",
    details: { epoch },
  });
}
