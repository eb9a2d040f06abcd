import type { ArtifactType } from "../contracts/artifact-type.js";
import type { ComponentKind } from "../contracts/component.js";
import type { JsonValue } from "../contracts/json.js";
import type { ModelStage } from "../contracts/reference.js";
import { TenonError } from "../errors.js";
import { detachedDirectory } from "./detached-directory.js";

export interface StepLog {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /**
   * How far the step has come, for the live display and the hook `stepProgress`. The field `label` says what is counted.
   *
   * @example log.progress(61, 100, { label: "epoch", loss: 0.21 })
   */
  progress(done: number, total?: number, fields?: Readonly<Record<string, string | number>>): void;
}

export interface StepMetadata {
  /** Facts about the outputs, by output name: `metadata({ train: { rows: 275 } })`. They can be queried later. */
  (values: Readonly<Record<string, Readonly<Record<string, JsonValue>>>>): void;
  /** Facts about this run of the step itself. */
  step(values: Readonly<Record<string, JsonValue>>): void;
  /** Facts about the run. */
  run(values: Readonly<Record<string, JsonValue>>): void;
  /** Facts about the model that the step works on, the same as `model.metadata`. @throws `MODEL_INVALID` if there is none */
  model(values: Readonly<Record<string, JsonValue>>): void;
}

/** The version of a model that a step works on: what the step makes belongs to it. */
export interface StepModel {
  readonly name: string;
  readonly version: string;
  /** Facts about this version: `model.metadata({ accuracy: 0.97, loss: series(losses) })`. @throws `METADATA_INVALID` */
  metadata(values: Readonly<Record<string, JsonValue>>): void;
  /** Moves this version to a stage, at once. A step that does is not cached: `cache: false`. */
  setStage(stage: ModelStage): Promise<void>;
}

/**
 * What a long step keeps on the way. A later attempt at the same work (equal code, parameters and inputs: a retry, a resumed
 * run, another run) goes on from it instead of beginning anew. Once the step has succeeded it is gone.
 */
export interface StepCheckpoints {
  /** Keeps a value in the artifact store, in place of the one before. */
  save(value: unknown, options?: { readonly type?: ArtifactType<unknown> }): Promise<void>;
  /** What an earlier attempt has kept; undefined if there is none. */
  latest<T = unknown>(type?: ArtifactType<T>): Promise<T | undefined>;
}

/** What a step's function is given besides its inputs. */
export interface StepRunContext<Parameters = Readonly<Record<string, unknown>>> {
  /** Validated, defaults filled in. */
  readonly params: Parameters;
  readonly log: StepLog;
  /** Aborted when the step has timed out or its run was cancelled; pass it on to whatever takes one. */
  readonly signal: AbortSignal;
  readonly metadata: StepMetadata;
  /** Absent unless the step or its pipeline says `model: { name }`. */
  readonly model: StepModel | undefined;
  readonly run: { readonly id: string; readonly pipeline: string };
  /** `attempt` is 1 for the first try. */
  readonly step: { readonly id: string; readonly attempt: number };
  readonly checkpoints: StepCheckpoints;
  /**
   * Makes a directory for files that the step writes on the way, or returns. It is empty, another at each call, and no other
   * attempt's. It is there until the step's outputs are stored; then it is removed, also if the step fails, is cancelled or
   * runs out of time. (Of a process that was killed `tenon gc --yes` removes it.) A step that is called by itself keeps it until
   * the process ends.
   *
   * @returns its absolute path, on the machine on which the step runs
   * @throws `STEP_FAILED` if the step has already ended; the signal's reason if it was aborted
   * @example
   * const directory = await temporaryDirectory();
   * await writeFile(join(directory, "model.onnx"), bytes);
   * return fileArtifact(join(directory, "model.onnx"));
   */
  temporaryDirectory(): Promise<string>;
  /**
   * The stack's component of a kind that a plugin defines, such as a model deployer. What it does is not seen by the cache.
   *
   * @throws `STACK_INVALID` if the stack has none of that kind
   * @example const deployer = await component(modelDeployer);
   */
  component<Instance>(kind: ComponentKind<Instance>): Promise<Instance>;
}

/** A context for calling a step's function by itself, in a test: it records nothing. */
export function detachedContext<P>(given: Partial<StepRunContext<P>> = {}): StepRunContext<P> {
  const nothing = () => {};
  return {
    params: {} as P,
    log: { debug: nothing, info: nothing, warn: nothing, error: nothing, progress: nothing },
    signal: new AbortController().signal,
    metadata: Object.assign(nothing, { step: nothing, run: nothing, model: nothing }),
    model: undefined,
    run: { id: "none", pipeline: "none" },
    step: { id: "none", attempt: 1 },
    checkpoints: { save: async () => {}, latest: async () => undefined },
    temporaryDirectory: detachedDirectory,
    component: async ({ name }) => {
      throw new TenonError("STACK_INVALID", {
        doing: `asking for the ${name} of the stack`,
        found: "the step was called by itself, without a stack",
        fix: "Hand one in: step.run(inputs, { component: async () => … }).",
      });
    },
    ...given,
  };
}
