import type { JsonObject, JsonValue } from "./json.js";

/** The format of plans that this version writes. Older formats stay readable. */
export const planFormat = 1;

/**
 * What a run does: immutable, declarative, addressed by the digest of its canonical bytes. It holds no paths of a
 * machine, no times, no secrets: equal pipelines with equal parameters give equal bytes anywhere.
 */
export interface Plan {
  readonly format: number;
  readonly pipeline: string;
  /** The resolved parameters of the pipeline itself. */
  readonly parameters: JsonObject;
  /** In an order in which they can run. */
  readonly steps: readonly PlannedStep[];
  /** What the pipeline's body returned: names to step outputs. */
  readonly outputs: Readonly<Record<string, OutputInput>>;
  readonly onFailure: "continue" | "stop";
  readonly tags: readonly string[];
  /** The model that the steps work on, where they name no other. */
  readonly model?: ModelDeclaration;
}

/** Of which model a run makes a version. */
export interface ModelDeclaration {
  readonly name: string;
  /** A version that there is, by its number, or a name of its own; a new one if absent. */
  readonly version?: string;
  /** Those of a version that is made. */
  readonly tags: readonly string[];
}

/** The id that a step has in its plan: of an element of a map, as `fit[3]`, that of the map. */
export function plannedStepId(stepId: string): string {
  return stepId.replace(/\[\d+\]$/, "");
}

export interface PlannedStep {
  /** Unique in the plan; by default the step's name, `fit`, or `fit_2` for its second call. */
  readonly id: string;
  /** The name under which the step was defined. */
  readonly name: string;
  /** `module#binding`, the module relative to the project: `src/train.ts#fit`, `@tenon/ml/split#random@0.3.1`. */
  readonly source: StepSource;
  /** Digest of the code that the step can reach; absent where it cannot be known (then the step is never cached). */
  readonly fingerprint?: string;
  readonly parameters: JsonObject;
  readonly inputs: Readonly<Record<string, PlannedInput>>;
  readonly outputs: Readonly<Record<string, PlannedOutput>>;
  /** True if the step has one output that has no name of its own (the value it returns is the output `output`). */
  readonly single: boolean;
  /** Ids of steps that must have succeeded first, beyond those whose outputs it takes. */
  readonly after: readonly string[];
  /** True if the step runs once for each element of its `each` inputs, which then have equal lengths. */
  readonly mapped: boolean;
  /** The model that it works on, if that is not the pipeline's. */
  readonly model?: ModelDeclaration;
  readonly settings: StepSettings;
}

export interface StepSource {
  /** Relative to the project root with `/`, or a package specifier; absent for a step that no module holds. */
  readonly module?: string;
  /** The top-level name, exported or not; absent for a step made inside a function. */
  readonly binding?: string;
  /** The version of the package, for a step that comes from an installed one. */
  readonly version?: string;
}

export type PlannedInput = OutputInput | LiteralInput | ListInput | EachInput | ReferenceInput;

/** An output of another step. */
export interface OutputInput {
  readonly from: "step";
  readonly step: string;
  readonly output: string;
}
/** A value written in the pipeline, or brought in by `external()`; its bytes are stored before the run starts. */
export interface LiteralInput {
  readonly from: "literal";
  /** Digest of the artifact's content. */
  readonly digest: string;
  readonly type: string;
  /** The name of the artifact that it becomes. */
  readonly artifact: string;
}
/** Several inputs put together: `{ folds: [a, b] }`. */
export interface ListInput {
  readonly from: "list";
  readonly items: readonly PlannedInput[];
}
/** One element at a time of a list. */
export interface EachInput {
  readonly from: "each";
  readonly list: OutputInput | LiteralInput | ReferenceInput | ListInput;
}
/** Resolved when the step starts; what it may say is the affair of whoever resolves it. */
export interface ReferenceInput {
  readonly from: "reference";
  readonly reference: JsonObject;
}

export interface PlannedOutput {
  /** The type's name; absent for an output that was not declared: its materializer is found by the value. */
  readonly type?: string;
  /** The name of the artifact; by default `pipeline.step` or `pipeline.step.output`. */
  readonly artifact: string;
}

/** What a user may say about how a step is run; all durations in milliseconds. */
export interface StepSettings {
  readonly retries: number;
  readonly backoff: { readonly initial: number; readonly factor: number; readonly maximum: number };
  readonly timeout?: number;
  readonly cache: CachePolicy;
  readonly resources: Resources;
  /** The name of the backend component that runs it; by default the orchestrator's own. */
  readonly backend?: string;
  /** Settings for one orchestrator each, by integration name, checked by that integration. */
  readonly engine: JsonObject;
  readonly tags: readonly string[];
  /** False if the step says that equal inputs may give other bytes. */
  readonly deterministic: boolean;
}

export interface CachePolicy {
  readonly enabled: boolean;
  /** A hit must not be older, in milliseconds. */
  readonly timeToLive?: number;
  /** Part of the cache key. */
  readonly key?: JsonValue;
}

export interface Resources {
  /** Whole or fractional processors. */
  readonly cpu?: number;
  /** In bytes. */
  readonly memory?: number;
  readonly gpu?: number;
  /** The time that the engine reserves, in milliseconds. */
  readonly time?: number;
}
