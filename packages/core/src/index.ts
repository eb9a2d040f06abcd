export { assertKey, compareKeys } from "./contracts/artifact-key.js";
export type {
  ArtifactStore,
  Body,
  ListOptions,
  ObjectEntry,
  ObjectPage,
  ReadOptions,
  WriteOptions,
} from "./contracts/artifact-store.js";
export { type ArtifactType, type ArtifactValue, artifactType } from "./contracts/artifact-type.js";
export type {
  ComponentContext,
  ComponentDefinition,
  ComponentKind,
  ComponentModule,
  ComponentReference,
} from "./contracts/component.js";
export {
  componentKind,
  defineArtifactStore,
  defineComponent,
  defineMetadataStore,
  defineOrchestrator,
  kinds,
} from "./contracts/component.js";
export { type Container, type Token, token } from "./contracts/container.js";
export type {
  ArtifactSummary,
  Hook,
  HookContexts,
  HookHandler,
  HookName,
  Hooks,
  RunStatus,
  StepContext,
} from "./contracts/hooks.js";
export type {
  Integration,
  IntegrationContext,
  Manifest,
  ManifestMaterializer,
  MaterializerDefinition,
  ProgramRequirement,
} from "./contracts/integration.js";
export { apiVersion, defineIntegration, defineMaterializer } from "./contracts/integration.js";
export type { JsonObject, JsonValue } from "./contracts/json.js";
export type { ArtifactReader, ArtifactWriter, Materializer, Visualization } from "./contracts/materializer.js";
export type { InsertResult, MetadataRecord, MetadataStore, ScanOptions } from "./contracts/metadata-store.js";
export type {
  Attempt,
  AttemptExit,
  AttemptMessage,
  AttemptProcess,
  AttemptServerAnswer,
  AttemptServerRequest,
  AttemptStatus,
  Capabilities,
  Launcher,
  Orchestrator,
  RunHandle,
  Submission,
} from "./contracts/orchestrator.js";
export { attemptExitCodes } from "./contracts/orchestrator.js";
export type {
  Plan,
  PlannedInput,
  PlannedOutput,
  PlannedStep,
  Resources,
  StepSettings,
  StepSource,
} from "./contracts/plan.js";
export type { Schema, SchemaInput, SchemaIssue, SchemaOutput } from "./contracts/schema.js";
export { env, isSecretReference, type SecretReference, secretHint } from "./contracts/secret.js";
export { type ErrorCode, errorCodes, TenonError, type TenonErrorDetails } from "./errors.js";
export { type Stack, type StackOptions, stack } from "./kernel/stack-definition.js";
export { DirectoryArtifact, directoryArtifact, FileArtifact, fileArtifact } from "./materializers/paths.js";
export {
  byteStream,
  bytes,
  csv,
  directory,
  file,
  html,
  json,
  markdown,
  structured,
  svg,
  table,
  text,
} from "./materializers/types.js";
export type { StepLog, StepMetadata, StepRunContext } from "./pipeline/context.js";
export type { CallOptions } from "./pipeline/graph.js";
export type { Handle, Handles } from "./pipeline/handle.js";
export { type Mapped, map } from "./pipeline/map.js";
export {
  type Pipeline,
  type PipelineDefinition,
  type PipelineOutputs,
  type PipelineParameters,
  pipeline,
} from "./pipeline/pipeline.js";
export type { CacheOptions, StepOptions } from "./pipeline/settings.js";
export { type Step, type StepDefinition, type StepLike, step } from "./pipeline/step.js";
export { type Each, type External, each, external, type Reference, type Wire, type Wires } from "./pipeline/wire.js";
export { cancel, resume, run, runPlan } from "./program/api.js";
export type { RunOptions, SessionOptions } from "./program/run.js";
export type { RunOutput, RunResult } from "./program/run-result.js";
