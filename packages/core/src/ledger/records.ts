import type { RunStatus } from "../contracts/hooks.js";
import type { JsonObject, JsonValue } from "../contracts/json.js";

/** Times are ISO 8601 in UTC with milliseconds; durations are milliseconds. */

/** Written once, before the first step starts. */
export interface RunRecord {
  /** Sorts by time: a ULID. */
  readonly id: string;
  readonly pipeline: string;
  /** Digest of the plan, `sha256:…`. */
  readonly plan: string;
  readonly stack: StackRecord;
  readonly created: string;
  readonly user: string;
  readonly host: string;
  /** Where each parameter came from: `fit.epochs` → `command line`. */
  readonly parameterOrigins: Readonly<Record<string, ParameterOrigin>>;
  readonly tags: readonly string[];
  readonly git?: { readonly commit: string; readonly dirty: boolean };
  /** False if the cache was not asked: every step was to be run. */
  readonly cache?: false;
  /** The run that this one repeats, with the code of its commit and its inputs. */
  readonly reproduces?: string;
  readonly versions: { readonly core: string; readonly node: string };
}

export type ParameterOrigin = "default" | "definition" | "code" | "file" | "command line";

export interface StackRecord {
  readonly name: string;
  /** By kind. A configuration holds references to secrets, never secrets. */
  readonly components: Readonly<Record<string, { readonly flavor: string; readonly config: JsonObject }>>;
}

/** One driver's time with a run. A second one takes over by inserting the next number. */
export interface SessionRecord {
  readonly runId: string;
  readonly number: number;
  readonly driver: string;
  readonly started: string;
}

/** How a session ended; a run's status is that of its last session. */
export interface SessionEnd {
  readonly status: Exclude<RunStatus, "running">;
  readonly ended: string;
  readonly durationMs: number;
  readonly error?: ErrorRecord;
}

/** One try of one step. */
export interface AttemptRecord {
  readonly runId: string;
  readonly stepId: string;
  readonly number: number;
  readonly session: number;
  readonly started: string;
  /** What a process of its own needs to know to run it: inputs, cache key. Absent for an attempt in the driver's process. */
  readonly work?: JsonObject;
}

/** How an engine knows an attempt. */
export interface AttemptLaunch {
  /** What its launcher is asked about it by. */
  readonly id: string;
  /** What people find it by in the engine, if that is something else. */
  readonly job?: string;
}

/** Inserted once an attempt: by itself when it commits or fails, or by a driver that gives it up. First come, first served. */
export interface AttemptEnd {
  readonly outcome: "committed" | "failed" | "revoked" | "cancelled" | "timed out" | "crashed";
  readonly ended: string;
  readonly durationMs: number;
  readonly error?: ErrorRecord;
}

/** How a step of a run came out. Written in one atomic insert with the artifact versions that it made. */
export interface StepRunRecord {
  readonly runId: string;
  readonly stepId: string;
  readonly status: "succeeded" | "cached" | "failed" | "skipped" | "cancelled";
  /** The attempt that committed or failed last; 0 if none was started. */
  readonly attempt: number;
  readonly started: string;
  readonly ended: string;
  readonly durationMs: number;
  /** Absent if the step cannot be cached, or never came so far. */
  readonly cacheKey?: string;
  /** The parts of the cache key, readable, for `cache explain`. */
  readonly cacheParts?: JsonObject;
  /** Artifact ids by input name, as they were when the step started. */
  readonly inputs: Readonly<Record<string, ResolvedInput>>;
  /** Artifact ids by output name. */
  readonly outputs: Readonly<Record<string, string>>;
  /** For one element of a map: its results by output name; they become part of the map's collections. */
  readonly elements?: Readonly<Record<string, ElementRecord>>;
  /** For a cached step: the run whose outputs it has. */
  readonly cachedFrom?: string;
  /** Why it was skipped. */
  readonly because?: string;
  readonly error?: ErrorRecord;
  /** What the step said about itself. */
  readonly metadata: JsonObject;
  /** What the step said about its run. */
  readonly runMetadata?: JsonObject;
  /** The model version that it worked on, and what it said about that. */
  readonly model?: ModelOfStep;
}

export interface ModelOfStep {
  readonly name: string;
  readonly version: string;
  readonly number: number;
  readonly metadata?: JsonObject;
}

/** One artifact, an element of one, something recorded about one, or a list of such. */
export type ResolvedInput = ArtifactInput | MetadataInput | { readonly list: readonly ResolvedInput[] };

export interface ArtifactInput {
  /** Its id. */
  readonly artifact: string;
  readonly digest: string;
  readonly element?: number;
  /** The artifact type that it is looked at as, if that is not its own. */
  readonly as?: string;
  /** The model version through which it was found: its id. */
  readonly model?: string;
}

/** A value from the metadata of an artifact, or of a model version. */
export interface MetadataInput {
  readonly artifact?: string;
  readonly model?: string;
  /** The name under which it is recorded. */
  readonly metadata: string;
  readonly value: JsonValue;
  /** Of the value. */
  readonly digest: string;
}

/** Immutable once inserted. Its id is `name@version`. */
export interface ArtifactVersionRecord {
  readonly name: string;
  /** 1, 2, 3 …, as text, or a name that the user gave. */
  readonly version: string;
  /** The number of the version, counting named ones too. */
  readonly number: number;
  readonly type: string;
  /** The materializer that wrote it, as `integration:type`; `core:json`. */
  readonly materializer: string;
  readonly format: string;
  /** Where its files lie, as a key prefix in the artifact store. */
  readonly location: string;
  readonly uri: string;
  /** In bytes, all files together, visualizations not counted. */
  readonly size: number;
  /** Digest of its content: names, sizes and digests of its files. Equal content has equal digests wherever it lies. */
  readonly digest: string;
  readonly metadata: Readonly<Record<string, JsonValue>>;
  readonly tags: readonly string[];
  readonly created: string;
  /** The step that made it; absent for what came from outside. */
  readonly producer?: { readonly runId: string; readonly stepId: string; readonly output: string };
  /** For the results of a map: the artifacts' contents, in order. */
  readonly elements?: readonly ElementRecord[];
  readonly visualizations: readonly { readonly name: string; readonly mediaType: string }[];
  /** When its bytes were given up because nothing referred to it any more; the record stays, so that its number is not used again. */
  readonly removed?: string;
}

/** One element of a collection; it has no version of its own. */
export interface ElementRecord {
  readonly location: string;
  readonly type: string;
  readonly materializer: string;
  readonly format: string;
  readonly size: number;
  readonly digest: string;
}

export interface ErrorRecord {
  readonly code: string;
  readonly message: string;
  readonly stack?: string;
  /** What caused it, outermost first. */
  readonly causes: readonly string[];
}
