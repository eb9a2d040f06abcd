import type { ClassPredictions, NumberPredictions } from "../training/predictions.js";
import type { TrainedModel } from "../training/trained-model.js";
import type { Rows } from "../vocabulary/row.js";
import { compareWith, metricNamed } from "./comparison.js";
import {
  calibrationCurve,
  type PrecisionRecallCurve,
  precisionRecallCurve,
  type RocCurve,
  rocCurve,
} from "./curves.js";
import type { ClassCurves, ErrorSample, Evaluation } from "./evaluation.js";
import { judge } from "./metrics-of.js";
import { column } from "./probability-metrics.js";
import { slicesOf } from "./slices.js";
import { truthOf } from "./truth.js";

export interface EvaluateOptions {
  /** Columns by whose values the metrics are also given. */
  readonly slices?: readonly string[];
  /** The model that is in production, to compare with. */
  readonly production?: TrainedModel | null | undefined;
  /** By which metric the two are judged; by default `accuracy`, or `rootMeanSquaredError`. */
  readonly metric?: string | undefined;
  readonly signal?: AbortSignal;
}

const curvePoints = 200;
const samplePoints = 500;
const errorBins = 20;

/** See `evaluateModel` of on-demand.ts. */
export async function evaluateModel(
  model: TrainedModel,
  rows: Rows,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const {
    slices = [],
    production,
    metric = model.task === "regression" ? "rootMeanSquaredError" : "accuracy",
  } = options;
  const passed = options.signal ? { signal: options.signal } : {};
  const truth = truthOf(model, rows);
  const { labels } = truth;
  const predictions = await model.predict(truth.rows, passed);
  const judged = judge(predictions, labels);
  metricNamed(judged.metrics, metric);
  const compared = production
    ? await compareWith(production, { model, predictions, metrics: judged.metrics }, truth, metric, passed)
    : undefined;
  return {
    task: model.task,
    label: model.label,
    framework: model.framework,
    rows: truth.rows.length,
    unlabelled: truth.unlabelled,
    ...judged,
    ...(predictions.task === "classification"
      ? { curves: curvesOf(predictions, labels) }
      : { sample: sampleOf(predictions, labels) }),
    slices: slicesOf(slices, truth.rows, predictions, labels),
    ...(typeof compared === "object" && { comparison: compared }),
    ...(typeof compared === "string" && { incomparable: compared }),
  };
}

/** Of the second of two classes, or of each of more. */
function curvesOf({ classes, probabilities }: ClassPredictions, labels: Float64Array): readonly ClassCurves[] {
  const shown = classes.length === 2 ? [1] : classes.keys();
  return Array.from(shown, (place) => {
    const positive = Array.from(labels, (label) => label === place);
    const score = column(probabilities, classes.length, place);
    const roc = rocCurve(positive, score);
    const precisionRecall = precisionRecallCurve(positive, score);
    return {
      class: classes[place] as string,
      roc: thinnedRoc(roc),
      precisionRecall: thinnedPrecisionRecall(precisionRecall),
      calibration: calibrationCurve(positive, score),
    };
  });
}

function thinnedRoc(curve: RocCurve): RocCurve {
  const kept = evenly(curve.thresholds.length, curvePoints);
  return {
    ...curve,
    falsePositiveRate: kept.map((at) => curve.falsePositiveRate[at] as number),
    truePositiveRate: kept.map((at) => curve.truePositiveRate[at] as number),
    thresholds: kept.map((at) => curve.thresholds[at] as number | null),
  };
}

function thinnedPrecisionRecall(curve: PrecisionRecallCurve): PrecisionRecallCurve {
  const kept = evenly(curve.precision.length, curvePoints);
  return {
    ...curve,
    precision: kept.map((at) => curve.precision[at] as number),
    recall: kept.map((at) => curve.recall[at] as number),
    thresholds: kept.slice(0, -1).map((at) => curve.thresholds[at] as number),
  };
}

function sampleOf({ values }: NumberPredictions, labels: Float64Array): ErrorSample {
  const points = evenly(labels.length, samplePoints).map(
    (row) => [labels[row] as number, values[row] as number] as const,
  );
  const errors = labels.map((label, row) => (values[row] as number) - label);
  const [low, high] = [errors.reduce((a, b) => Math.min(a, b)), errors.reduce((a, b) => Math.max(a, b))];
  const width = (high - low) / errorBins || 1;
  const rows = new Array<number>(errorBins).fill(0);
  for (const error of errors) {
    const bin = Math.min(Math.floor((error - low) / width), errorBins - 1);
    rows[bin] = (rows[bin] as number) + 1;
  }
  return {
    points,
    errors: rows.map((count, bin) => ({ from: low + bin * width, to: low + (bin + 1) * width, rows: count })),
  };
}

/** Places among so many, at most `most`, the first and the last included. */
function evenly(length: number, most: number): readonly number[] {
  if (length <= most) return Array.from({ length }, (_, at) => at);
  return Array.from({ length: most }, (_, at) => Math.round((at * (length - 1)) / (most - 1)));
}
