export { type Deployment, type DeploymentRequest, deployment, type ModelDeployer, modelDeployer } from "./deployment/model-deployer.js";
export { type ClassCurves, type ClassificationMetrics, type Comparison, type ErrorSample, type Evaluation, evaluation, type Metrics, type ProbabilityMetrics, type Slice } from "./evaluation/evaluation.js";
export type { RegressionMetrics } from "./evaluation/regression-metrics.js";
export type { FittedColumn, FittedOperation, FittedTransform, TransformState } from "./preprocessing/fitted-transform.js";
export {
  type DeployerInputs,
  type DeployerOutputs,
  type DeployerStep,
  deployer,
  type EvaluatorInputs,
  type EvaluatorOutputs,
  type EvaluatorStep,
  evaluator,
  type PreprocessorInputs,
  type PreprocessorOutputs,
  type PreprocessorStep,
  preprocessor,
  type SplitInputs,
  type SplitOutputs,
  type SplitStep,
  splitter,
  type TrainerInputs,
  type TrainerOutputs,
  type TrainerStep,
  trainedModel,
  trainer,
} from "./steps/contracts.js";
export { type Examples, examplesOf, type Features, featuresOf, labelOf } from "./training/examples.js";
export { type ClassPredictions, mostProbable, type NumberPredictions, type Predictions, predictedLabels, predictedRows, type Task } from "./training/predictions.js";
export { isTrainedModel, type PredictOptions, TrainedModel, trainedModelMetadata } from "./training/trained-model.js";
export { type ColumnKind, type ColumnSchema, type DataSchema, sizeOf } from "./vocabulary/data-schema.js";
export { columnNames, isMissing, isVector, type Row, type Rows, type Splits, type Value } from "./vocabulary/row.js";
export { dataSchema, rows, tfrecord, transform } from "./vocabulary/types.js";
