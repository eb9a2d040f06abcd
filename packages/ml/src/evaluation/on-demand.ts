import type { TrainedModel } from "../training/trained-model.js";
import type { Rows } from "../vocabulary/row.js";
import type { EvaluateOptions } from "./evaluate-model.js";
import type { Evaluation } from "./evaluation.js";
import type { ReportOptions } from "./report.js";

/**
 * Judges a model by rows that it has not seen.
 *
 * @throws `SPLIT_EMPTY` if no row has a label; `DATA_CATEGORY_UNKNOWN`, `DATA_COLUMN_MISSING`, `DATA_INVALID` for rows that the
 * model does not take; `PREDICTION_INVALID`; `EVALUATION_INVALID` for an unknown metric
 * @example const { metrics } = await evaluateModel(model, test, { slices: ["Island"] });
 */
export async function evaluateModel(
  model: TrainedModel,
  rows: Rows,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  return (await import("./evaluate-model.js")).evaluateModel(model, rows, options);
}

/** A page of one file that needs no network and no script: metrics, plots, slices, and the model in production. */
export async function evaluationReport(evaluation: Evaluation, options: ReportOptions = {}): Promise<string> {
  return (await import("./report.js")).evaluationReport(evaluation, options);
}
