import "./kernel/core-identity.js";

export {
  type ArtifactCollection,
  type ArtifactQuery,
  Client,
  type ClientOptions,
  type CopiedArtifact,
  type CopyOptions,
  type DamagedArtifact,
  type Garbage,
  type GarbageOptions,
  type Lineage,
  type LineageDirection,
  type LineageEdge,
  type LineageGraph,
  type LineageNode,
  type LineageOptions,
  type Listing,
  lineageMermaid,
  lineageSvg,
  lineageTree,
  type Migration,
  type MigrationOptions,
  type ModelCollection,
  type ModelSummary,
  type ModelVersion,
  type Page,
  type PageRequest,
  type RecordedArtifact,
  type RecordedOutput,
  type RecordedPipeline,
  type RecordedRun,
  type RemovedRun,
  type RunCollection,
  type RunQuery,
  type RunStep,
  type SaveArtifactOptions,
  type StoredValue,
  type TransferProgress,
  type ValueAccess,
} from "./client/public.js";
export type { ReproduceOptions } from "./client/reproduce.js";
export { reproduce } from "./client/reproduce-run.js";
export type { ReproducedArtifact, ReproducedCode, Reproduction } from "./client/reproduction.js";
export { assertKey } from "./contracts/artifact-key.js";
export type { ArtifactStore, Body, ListOptions, ObjectEntry, ObjectPage, ReadOptions, WriteOptions } from "./contracts/artifact-store.js";
export { type ArtifactType, type ArtifactValue, artifactType } from "./contracts/artifact-type.js";
export { bodyPieces, collectBody } from "./contracts/body.js";
export { compareKeys } from "./contracts/byte-order.js";
export { type BundleSetting, type CodeSetting, codeSettingHint, isCodeSetting } from "./contracts/code-setting.js";
export type { ComponentContext, ComponentDefinition, ComponentKind, ComponentModule, ComponentReference } from "./contracts/component.js";
export { componentKind, defineArtifactStore, defineComponent, defineMetadataStore, defineOrchestrator, kinds } from "./contracts/component.js";
export { type Container, type Token, token } from "./contracts/container.js";
export type { ArtifactSummary, Hook, HookContexts, HookHandler, HookName, Hooks, RunStatus, StepContext } from "./contracts/hooks.js";
export type { Integration, IntegrationContext, Manifest, ManifestMaterializer, MaterializerDefinition, ProgramRequirement } from "./contracts/integration.js";
export { apiVersion, defineIntegration, defineMaterializer } from "./contracts/integration.js";
export type { JsonObject, JsonValue } from "./contracts/json.js";
export type { ArtifactReader, ArtifactWriter, Materializer, Visualization } from "./contracts/materializer.js";
export type { InsertResult, MetadataRecord, MetadataStore, ScanOptions } from "./contracts/metadata-store.js";
export { metadataOf, type Series, type SeriesPoints, series, seriesSchema } from "./contracts/metadata-values.js";
export { suggest } from "./contracts/nearest.js";
export {
  type Attempt,
  type AttemptExit,
  type AttemptMessage,
  type AttemptProcess,
  type AttemptServerAnswer,
  type AttemptServerRequest,
  type AttemptStatus,
  attemptExit,
  attemptExitCodes,
  type Capabilities,
  type DriverJob,
  type JudgedStep,
  type Launcher,
  type LaunchRefusal,
  type Orchestrator,
  type RunHandle,
  type StepEnd,
  type StepProcess,
  type Submission,
} from "./contracts/orchestrator.js";
export type { Plan, PlannedInput, PlannedOutput, PlannedStep, Resources, StepSettings, StepSource } from "./contracts/plan.js";
export type { Probed, ProbeFinding } from "./contracts/probe.js";
export type { Schema, SchemaInput, SchemaIssue, SchemaOutput } from "./contracts/schema.js";
export { env, isSecretReference, type SecretReference, secretHint } from "./contracts/secret.js";
export { type ErrorCode, errorCodes, TenonError, type TenonErrorDetails } from "./errors.js";
export { registerMaterializer } from "./kernel/registered-materializers.js";
export { type SecretSource, secretSource } from "./kernel/secrets.js";
export { type Stack, type StackOptions, stack } from "./kernel/stack-definition.js";
export type { Column, Columns } from "./materializers/columns.js";
export { DirectoryArtifact, directoryArtifact, FileArtifact, fileArtifact } from "./materializers/paths.js";
export { readColumns } from "./materializers/read-columns.js";
export { byteStream, bytes, columns, csv, directory, file, html, json, markdown, structured, svg, table, text } from "./materializers/types.js";
export {
  type ArtifactNames,
  type ArtifactReference,
  type CacheOptions,
  type CallOptions,
  type Each,
  type External,
  each,
  external,
  type Handle,
  type Handles,
  type Mapped,
  type ModelOptions,
  type ModelReference,
  map,
  type Pipeline,
  type PipelineDefinition,
  type PipelineOutputs,
  type PipelineParameters,
  pipeline,
  type Reference,
  type Step,
  type StepCheckpoints,
  type StepDefinition,
  type StepLike,
  type StepLog,
  type StepMetadata,
  type StepModel,
  type StepOptions,
  type StepRunContext,
  step,
  type Wire,
  type Wires,
} from "./pipeline/public.js";
export { attach, cancel, detach, resume, run, runPlan } from "./program/api.js";
export type { DetachedRun } from "./program/detach.js";
export type { RunOptions, SessionOptions } from "./program/run.js";
export type { RunOutput, RunResult } from "./program/run-result.js";
