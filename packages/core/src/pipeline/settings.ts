import type { JsonObject, JsonValue } from "../contracts/json.js";
import type { CachePolicy, ModelDeclaration, Resources, StepSettings } from "../contracts/plan.js";
import { TenonError } from "../errors.js";
import type { ArtifactNames } from "./artifact-names.js";
import { type ModelOptions, modelDeclaration } from "./model.js";
import { nearest } from "./nearest.js";
import { type Duration, parseDuration, parseSize, type Size } from "./units.js";

/** How a step is run; a call may set any of it differently from the definition. */
export interface StepOptions {
  /** How many times a failed step is tried again; by default 0. */
  readonly retries?: number;
  /** How long to wait before a retry: the same time twofold each try, or all three numbers. By default 1 s, up to 1 min. */
  readonly backoff?: Duration | { readonly initial?: Duration; readonly factor?: number; readonly maximum?: Duration };
  /** The longest that an attempt may take. */
  readonly timeout?: Duration;
  /** False: always run. By default equal code, parameters and inputs give the recorded outputs. */
  readonly cache?: boolean | CacheOptions;
  readonly resources?: {
    /** Processors. */
    readonly cpu?: number;
    readonly memory?: Size;
    readonly gpu?: number;
    /** The time that the engine reserves. */
    readonly time?: Duration;
  };
  /** The name of the backend component that runs it. */
  readonly backend?: string;
  /** Settings for one orchestrator each, by the name of its integration: `{ slurm: { constraint: "avx2" } }`. */
  readonly engine?: Readonly<Record<string, JsonObject>>;
  readonly tags?: readonly string[];
  /**
   * What the artifacts are called that it makes: `"trained_model"`, or by output `{ model: "trained_model" }`. By default
   * `pipeline.step`, or `pipeline.step.output` where outputs have names.
   */
  readonly artifact?: ArtifactNames;
  /** The model that it works on: what it makes belongs to a version of that. By default the pipeline's. */
  readonly model?: ModelOptions;
  /** False if equal inputs may give other bytes. */
  readonly deterministic?: boolean;
  /** Files and directories that the step reads by itself, relative to its module: their content is part of the cache key. */
  readonly files?: readonly string[];
  /** Environment variables whose values are part of the cache key (as a digest). */
  readonly env?: readonly string[];
}

export interface CacheOptions {
  /** A result counts only so long. */
  readonly timeToLive?: Duration;
  /** Part of the cache key. For a step made inside a function it stands for its code. */
  readonly key?: JsonValue;
  readonly files?: readonly string[];
  readonly env?: readonly string[];
}

const optionNames = new Set<string>([
  "retries",
  "backoff",
  "timeout",
  "cache",
  "resources",
  "backend",
  "engine",
  "tags",
  "artifact",
  "model",
  "deterministic",
  "files",
  "env",
]);

/** Settings in their plain form, and what the fingerprint has to add. */
export interface ResolvedOptions {
  readonly settings: StepSettings;
  readonly model?: ModelDeclaration;
  readonly files: readonly string[];
  readonly env: readonly string[];
}

export function resolveOptions(options: StepOptions, doing: string): ResolvedOptions {
  const { retries = 0 } = options;
  if (!Number.isInteger(retries) || retries < 0)
    invalid(doing, `retries is ${String(retries)}`, "a whole number from 0");
  const model = modelDeclaration(options.model, "STEP_INVALID", doing);
  const cache = typeof options.cache === "object" ? options.cache : {};
  return {
    settings: Object.freeze({
      retries,
      backoff: backoff(options.backoff, doing),
      ...(options.timeout === undefined ? {} : { timeout: parseDuration(options.timeout, `${doing}, timeout`) }),
      cache: cachePolicy(options.cache, doing),
      resources: resources(options.resources ?? {}, doing),
      ...(options.backend === undefined ? {} : { backend: options.backend }),
      engine: engine(options.engine ?? {}, doing),
      tags: [...new Set(options.tags ?? [])],
      deterministic: options.deterministic ?? true,
    }),
    ...(model && { model }),
    files: [...(options.files ?? []), ...(cache.files ?? [])],
    env: [...(options.env ?? []), ...(cache.env ?? [])],
  };
}

/** @throws `STEP_INVALID` for a name that is no option */
export function checkOptionNames(given: object, also: readonly string[], doing: string): void {
  for (const key of Object.keys(given)) {
    if (optionNames.has(key) || also.includes(key)) continue;
    throw new TenonError("STEP_INVALID", {
      doing,
      found: `there is no option '${key}'`,
      ...nearest(key, [...also, ...optionNames]),
    });
  }
}

function backoff(given: StepOptions["backoff"], doing: string): StepSettings["backoff"] {
  const { initial = "1s", factor = 2, maximum = "1m" } = typeof given === "object" ? given : { initial: given };
  if (!(factor >= 1)) invalid(doing, `the factor of backoff is ${String(factor)}`, "a number from 1");
  const first = parseDuration(initial ?? "1s", `${doing}, backoff`);
  return { initial: first, factor, maximum: Math.max(first, parseDuration(maximum, `${doing}, backoff`)) };
}

function cachePolicy(given: StepOptions["cache"], doing: string): CachePolicy {
  if (given === undefined || typeof given === "boolean") return { enabled: given ?? true };
  return {
    enabled: true,
    ...(given.timeToLive === undefined
      ? {}
      : { timeToLive: parseDuration(given.timeToLive, `${doing}, cache.timeToLive`) }),
    ...(given.key === undefined ? {} : { key: given.key }),
  };
}

function resources(given: NonNullable<StepOptions["resources"]>, doing: string): Resources {
  const { cpu, memory, gpu, time, ...others } = given;
  const known = ["cpu", "memory", "gpu", "time"];
  for (const name of Object.keys(others)) {
    const found = `there is no resource '${name}'`;
    throw new TenonError("STEP_INVALID", { doing, found, ...nearest(name, known) });
  }
  for (const [name, amount] of Object.entries({ cpu, gpu })) {
    if (amount !== undefined && !(Number.isFinite(amount) && amount >= 0))
      invalid(doing, `${name} is ${String(amount)}`, "a number from 0");
  }
  return {
    ...(cpu === undefined ? {} : { cpu }),
    ...(memory === undefined ? {} : { memory: parseSize(memory, `${doing}, resources.memory`) }),
    ...(gpu === undefined ? {} : { gpu }),
    ...(time === undefined ? {} : { time: parseDuration(time, `${doing}, resources.time`) }),
  };
}

function engine(given: NonNullable<StepOptions["engine"]>, doing: string): JsonObject {
  for (const [name, block] of Object.entries(given)) {
    if (typeof block === "object" && block !== null && !Array.isArray(block)) continue;
    invalid(doing, `engine.${name} is ${JSON.stringify(block)}`, "a block of settings: engine: { slurm: { … } }");
  }
  return given;
}

function invalid(doing: string, found: string, wanted: string): never {
  throw new TenonError("STEP_INVALID", { doing, found, fix: `Write ${wanted}.` });
}
