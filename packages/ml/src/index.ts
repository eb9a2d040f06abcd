export { type CsvOptions, csv } from "./datasources/csv.js";
export { type CommitOptions, type Datasource, type DatasourceOptions, datasource, type Snapshot } from "./datasources/datasource.js";
export type { Files } from "./datasources/files.js";
export { type ImageOptions, images } from "./datasources/images.js";
export { inMemory } from "./datasources/in-memory.js";
export { json, jsonLines } from "./datasources/json.js";
export { type ParquetOptions, parquet } from "./datasources/parquet.js";
export type { ReadOptions, RowSource } from "./datasources/row-source.js";
export { type Database, type FileDatabase, type ServerDatabase, sql } from "./datasources/sql.js";
export { type TfrecordOptions, tfrecordFiles } from "./datasources/tfrecord.js";
export { type DeployParameters, deploy } from "./deployment/deploy.js";
export { type LocalDeployerConfig, localDeployer } from "./deployment/local-deployer.js";
export { type Deployment, type DeploymentRequest, deployment, type ModelDeployer, modelDeployer } from "./deployment/model-deployer.js";
export type { ModelServerOptions } from "./deployment/model-server.js";
export type { ServeOptions, Serving } from "./deployment/serve-model.js";
export { type EvaluateParameters, evaluate } from "./evaluation/evaluate.js";
export type { EvaluateOptions } from "./evaluation/evaluate-model.js";
export { type ClassCurves, type ClassificationMetrics, type Comparison, type ErrorSample, type Evaluation, evaluation, type Metrics, type ProbabilityMetrics, type Slice } from "./evaluation/evaluation.js";
export { type Notebook, type NotebookCell, notebook } from "./evaluation/notebook-type.js";
export { evaluateModel, evaluationReport } from "./evaluation/on-demand.js";
export type { RegressionMetrics } from "./evaluation/regression-metrics.js";
export type { ReportOptions } from "./evaluation/report.js";
export { default } from "./integration.js";
export { bucketize, impute, oneHot, pixels, scale, standardise, vocabulary } from "./preprocessing/built-in-operations.js";
export { fit as fitTransform, type TransformOptions } from "./preprocessing/fit.js";
export { type FittedColumn, type FittedOperation, FittedTransform, type TransformState } from "./preprocessing/fitted-transform.js";
export { type ColumnOperation, defineOperation, type OperationDefinition } from "./preprocessing/operation.js";
export { applyTransform, preprocess } from "./preprocessing/steps.js";
export { type Anomaly, type AnomalyKind, type Validation, validation } from "./schema/anomalies.js";
export { type InferenceOptions, inferSchema } from "./schema/infer-schema.js";
export { validateRows } from "./schema/validate-rows.js";
export type { Fold } from "./splits/folds.js";
export type { Shares } from "./splits/shares.js";
export { categoryRatioSplit, categorySplit, hashSplit, kFold, momentSplit, randomSplit, type SeededSplitOptions, type SplitOptions, stratifiedSplit, takeFold, timeSplit } from "./splits/steps.js";
export { type ColumnStatistics, type DataStatistics, type Histogram, type NumberStatistics, statistics, type ValueStatistics } from "./statistics/data-statistics.js";
export { describeRows } from "./statistics/describe-rows.js";
export { type ColumnDrift, compareRows, type Drift, type DriftOptions, drift } from "./statistics/drift.js";
export { describeData, detectDrift, inferDataSchema, validateData } from "./statistics/steps.js";
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
export type { Bar } from "./training/bar.js";
export { type Examples, examplesOf, type Features, featuresOf, labelOf } from "./training/examples.js";
export { type LinearParameters, linear } from "./training/linear.js";
export type { LinearModel } from "./training/linear-model.js";
export { linearModel } from "./training/linear-model-type.js";
export { type ClassPredictions, mostProbable, type NumberPredictions, type Predictions, predictedLabels, predictedRows, type Task } from "./training/predictions.js";
export { type RegisterInputs, type RegisterOutputs, type RegisterParameters, type RegisterStep, type Registration, register } from "./training/register.js";
export { isTrainedModel, type PredictOptions, TrainedModel, trainedModelMetadata } from "./training/trained-model.js";
export { type DataStep, type TrainingPipelineOptions, type TrainingResult, type TrainingSlots, trainingPipeline } from "./training/training-pipeline.js";
export { type ColumnKind, type ColumnSchema, type DataSchema, sizeOf } from "./vocabulary/data-schema.js";
export { columnNames, isMissing, isVector, type Row, type Rows, type RowsInput, type Splits, type Value } from "./vocabulary/row.js";
export { dataSchema, rows, tfrecord, transform } from "./vocabulary/types.js";
