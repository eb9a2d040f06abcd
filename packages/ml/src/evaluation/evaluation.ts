import { type ArtifactType, artifactType } from "@tenon/core";
import type { LabelMetrics } from "./classification-metrics.js";
import type { ConfusionMatrix } from "./confusion-matrix.js";
import type { CalibrationCurve, PrecisionRecallCurve, RocCurve } from "./curves.js";
import type { RegressionMetrics } from "./regression-metrics.js";

/** What can be told from the probabilities of classes. Areas are null where a class is missing from the rows. */
export interface ProbabilityMetrics {
  readonly logLoss: number;
  /** For two classes the area of the second; for more the mean of each class against the rest. */
  readonly rocAuc: number | null;
  /** For two classes, of the second one. */
  readonly averagePrecision?: number | null;
  readonly brierScore?: number;
}

export type ClassificationMetrics = LabelMetrics & ProbabilityMetrics;
export type Metrics = RegressionMetrics | ClassificationMetrics;

/** Of one class against the rest. */
export interface ClassCurves {
  readonly class: string;
  readonly roc: RocCurve;
  readonly precisionRecall: PrecisionRecallCurve;
  readonly calibration: CalibrationCurve;
}

/** True and predicted numbers of some rows, at most 500, and how the errors of all rows are spread. */
export interface ErrorSample {
  readonly points: readonly (readonly [truth: number, predicted: number])[];
  readonly errors: readonly { readonly from: number; readonly to: number; readonly rows: number }[];
}

/** The rows that have one value in one column. */
export interface Slice {
  readonly column: string;
  /** Numbers are put into quarters: `3.2 to 4.1`. */
  readonly value: string;
  readonly rows: number;
  /** The few that say most. */
  readonly metrics: Readonly<Record<string, number | null>>;
}

/** The same rows by the model in production. */
export interface Comparison {
  /** By which metric the two are judged. */
  readonly metric: string;
  readonly candidate: number;
  readonly production: number;
  /** True if the candidate is at least as good. */
  readonly better: boolean;
  readonly metrics: Metrics;
  /** For classification: rows for which the two predict different classes. */
  readonly differing?: number;
}

/** How good a model is on rows that it has not seen. Plain data. */
export interface Evaluation {
  readonly task: "regression" | "classification";
  readonly label: string;
  readonly framework: string;
  /** Rows that were judged. */
  readonly rows: number;
  /** Rows without a label, which were not. */
  readonly unlabelled: number;
  readonly metrics: Metrics;
  readonly confusion?: ConfusionMatrix;
  readonly curves?: readonly ClassCurves[];
  readonly sample?: ErrorSample;
  readonly slices: readonly Slice[];
  readonly comparison?: Comparison;
  /** Why there is no comparison although a model is in production, as a sentence. */
  readonly incomparable?: string;
}

/** Stored as JSON, with its metrics as metadata. */
export const evaluation: ArtifactType<Evaluation> = artifactType("ml/Evaluation");
