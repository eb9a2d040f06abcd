import { sum } from "../statistics/sum.js";

/** How far predicted numbers are from the true ones. Weights are equal; units are those of the target, or its square. */
export interface RegressionMetrics {
  readonly meanAbsoluteError: number;
  readonly meanSquaredError: number;
  readonly rootMeanSquaredError: number;
  readonly medianAbsoluteError: number;
  readonly maximumError: number;
  /** Mean of |error| / |true|; where the truth is 0 it is divided by 2.2e-16, as scikit-learn does. */
  readonly meanAbsolutePercentageError: number;
  /** Mean of predicted - true: above 0 if the model predicts too much. */
  readonly bias: number;
  /** 1 is perfect, 0 as good as the mean; null for a single row. For a constant truth 1 if all is right, else 0. */
  readonly r2: number | null;
  /** As `r2`, not counting a constant error. */
  readonly explainedVariance: number;
}

/** @param truth and `predicted` of one length, at least 1, finite */
export function regressionMetrics(truth: Float64Array, predicted: Float64Array): RegressionMetrics {
  const count = truth.length;
  const errors = predicted.map((value, index) => value - (truth[index] as number));
  const absolute = errors.map(Math.abs);
  const meanSquaredError = mean(errors.map((error) => error * error));
  const bias = mean(errors);
  const center = mean(truth);
  const spread = mean(truth.map((value) => (value - center) ** 2));
  const unbiased = mean(errors.map((error) => (error - bias) ** 2));
  return {
    meanAbsoluteError: mean(absolute),
    meanSquaredError,
    rootMeanSquaredError: Math.sqrt(meanSquaredError),
    medianAbsoluteError: median(absolute),
    maximumError: absolute.reduce((largest, error) => Math.max(largest, error), 0),
    meanAbsolutePercentageError: mean(
      absolute.map((error, index) => error / Math.max(Math.abs(truth[index] as number), Number.EPSILON)),
    ),
    bias,
    r2: count < 2 ? null : explained(meanSquaredError, spread),
    explainedVariance: explained(unbiased, spread),
  };
}

function explained(unexplained: number, spread: number): number {
  if (spread === 0) return unexplained === 0 ? 1 : 0;
  return 1 - unexplained / spread;
}

function mean(values: Float64Array): number {
  return sum(values) / values.length;
}

function median(values: Float64Array): number {
  const sorted = values.slice().sort();
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}
