import type { JsonValue } from "../contracts/json.js";

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
    ...given,
  };
}
