import { mostProbable, type Predictions } from "../training/predictions.js";
import { labelMetrics } from "./classification-metrics.js";
import { type ConfusionMatrix, confusionMatrix } from "./confusion-matrix.js";
import { precisionRecallCurve, rocCurve } from "./curves.js";
import type { ClassificationMetrics, Metrics } from "./evaluation.js";
import { brierScore, column, logLoss, oneVersusRestAreas } from "./probability-metrics.js";
import { regressionMetrics } from "./regression-metrics.js";

export interface Judged {
  readonly metrics: Metrics;
  readonly confusion?: ConfusionMatrix;
}

/** @param labels places of the true classes in `predictions.classes`, or the true numbers */
export function judge(predictions: Predictions, labels: Float64Array): Judged {
  if (predictions.task === "regression") return { metrics: regressionMetrics(labels, predictions.values) };
  const { classes, probabilities } = predictions;
  const confusion = confusionMatrix(classes, labels, mostProbable(predictions));
  const metrics: ClassificationMetrics = {
    ...labelMetrics(confusion),
    logLoss: logLoss(labels, probabilities, classes.length),
    ...(classes.length === 2
      ? ofSecondClass(labels, probabilities)
      : { rocAuc: oneVersusRestAreas(labels, probabilities, classes.length).macro }),
  };
  return { metrics, confusion };
}

function ofSecondClass(labels: Float64Array, probabilities: Float64Array) {
  const probability = column(probabilities, 2, 1);
  return {
    rocAuc: rocCurve(labels, probability).areaUnderCurve,
    averagePrecision: precisionRecallCurve(labels, probability).averagePrecision,
    brierScore: brierScore(labels, probability),
  };
}

/** Some rows of predictions. */
export function pick(predictions: Predictions, rows: readonly number[]): Predictions {
  if (predictions.task === "regression") {
    return { ...predictions, values: Float64Array.from(rows, (row) => predictions.values[row] as number) };
  }
  const width = predictions.classes.length;
  const probabilities = new Float64Array(rows.length * width);
  for (const [place, row] of rows.entries()) {
    probabilities.set(predictions.probabilities.subarray(row * width, (row + 1) * width), place * width);
  }
  return { ...predictions, probabilities };
}
