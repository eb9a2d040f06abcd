/** What of this room anybody may use. */
export type { ArtifactNames } from "./artifact-names.js";
export type { StepCheckpoints, StepLog, StepMetadata, StepModel, StepRunContext } from "./context.js";
export type { CallOptions } from "./graph.js";
export type { Handle, Handles } from "./handle.js";
export { type Mapped, map } from "./map.js";
export type { ModelOptions } from "./model.js";
export {
  type Pipeline,
  type PipelineDefinition,
  type PipelineOutputs,
  type PipelineParameters,
  pipeline,
} from "./pipeline.js";
export type { ArtifactReference, ModelReference, Reference } from "./reference.js";
export type { CacheOptions, StepOptions } from "./settings.js";
export { type Step, type StepDefinition, type StepLike, step } from "./step.js";
export { type Each, type External, each, external, type Wire, type Wires } from "./wire.js";
