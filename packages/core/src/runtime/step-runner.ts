import type { ArtifactVault } from "../artifacts/artifact-vault.js";
import type { SavedArtifact } from "../artifacts/saved-artifact.js";
import { ScratchDirectory } from "../artifacts/scratch-directory.js";
import type { HookContexts, HookName } from "../contracts/hooks.js";
import type { JsonObject } from "../contracts/json.js";
import { readMetadata } from "../contracts/metadata-values.js";
import type { AttemptMessage } from "../contracts/orchestrator.js";
import type { PlannedStep } from "../contracts/plan.js";
import { isSchema } from "../contracts/schema.js";
import { TenonError } from "../errors.js";
import type { NewArtifactVersion } from "../ledger/artifact-versions.js";
import type { Ledger } from "../ledger/ledger.js";
import type { ModelId } from "../ledger/model-links.js";
import type { ArtifactVersionRecord, ElementRecord, StepRunRecord } from "../ledger/records.js";
import type { StepRunContext } from "../pipeline/context.js";
import type { StepDefinition } from "../pipeline/step.js";
import type { CacheKey } from "./cache-key.js";
import { checkedOutputs } from "./check-outputs.js";
import { toErrorRecord } from "./error-record.js";
import type { InputLoader } from "./load-inputs.js";
import { outputCapture } from "./output-capture.js";
import type { ResolvedInputs } from "./resolve-inputs.js";
import { CheckpointKeeper } from "./step-checkpoints.js";
import { type StepNotes, stepContext } from "./step-context.js";
import { StepLog } from "./step-log.js";
import { artifactSummary } from "./summary.js";

/** One attempt of one step, resolved as far as it can be. */
export interface AttemptTask {
  readonly run: { readonly id: string; readonly pipeline: string };
  /** `fit`, or `fit[3]` for an element of a map. */
  readonly stepId: string;
  readonly step: PlannedStep;
  readonly attempt: number;
  readonly session: number;
  readonly inputs: ResolvedInputs;
  readonly cache: CacheKey | undefined;
  /** The model version that it works on. */
  readonly model: ModelId | undefined;
  /** True for an element of a map: its results get no versions of their own. */
  readonly element: boolean;
}

/** What an attempt needs around it, in whatever process it runs. */
export interface AttemptServices {
  readonly ledger: Ledger;
  readonly vault: ArtifactVault;
  readonly inputs: InputLoader;
  readonly logFile: string;
  definition(): Promise<StepDefinition>;
  emit<N extends HookName>(name: N, context: HookContexts[N]): Promise<void> | undefined;
  receive(message: AttemptMessage): void;
  /** The stack's, of a kind that a plugin defines. */
  readonly component: StepRunContext["component"];
  /** Resolves when the attempt is on record; nothing is committed before. */
  readonly recorded: Promise<unknown>;
  /** Called when nothing is left but to record how the attempt ended. */
  beforeEnd?(): Promise<void>;
  /** True where steps share a process, and what they print is to be told apart. */
  readonly shared?: boolean;
}

export type AttemptOutcome =
  | {
      readonly kind: "committed";
      readonly step: StepRunRecord;
      readonly artifacts: Readonly<Record<string, ArtifactVersionRecord>>;
    }
  | { readonly kind: "failed"; readonly error: unknown; readonly durationMs: number }
  /** Another attempt, or the driver, was first; what this one had stored is gone again. */
  | { readonly kind: "superseded" }
  | { readonly kind: "cancelled" };

/**
 * Runs one attempt and records how it ended. Bytes first, then one atomic write of everything that makes them count.
 *
 * @throws only if the ledger cannot be written; then nothing is recorded.
 */
export async function runAttempt(
  task: AttemptTask,
  services: AttemptServices,
  signal: AbortSignal,
): Promise<AttemptOutcome> {
  const started = new Date();
  const clock = performance.now();
  const log = new StepLog(services.logFile, { atOnce: !services.shared });
  const scratch = new ScratchDirectory();
  const saved: SavedArtifact[] = [];
  const notes: StepNotes = { outputs: {}, step: {}, run: {}, model: {} };
  const { run, stepId, cache } = task;
  const checkpoints = new CheckpointKeeper(services, { runId: run.id, stepId, cache }, signal);
  const discard = () => Promise.allSettled(saved.map(({ location }) => services.vault.discard(location)));
  try {
    let outputs: Record<string, SavedArtifact>;
    try {
      outputs = await abortable(signal, () =>
        produce(task, services, { signal, log, scratch, notes, saved, checkpoints }),
      );
    } catch (error) {
      await services.recorded;
      if (signal.aborted) {
        await discard();
        return { kind: "cancelled" };
      }
      log.line("error", error instanceof Error ? (error.stack ?? error.message) : String(error));
      const durationMs = elapsed(clock);
      await services.beforeEnd?.();
      const end = { outcome: "failed" as const, ended: now(), durationMs, error: toErrorRecord(error) };
      const first = await services.ledger.endAttempt(task.run.id, task.stepId, task.attempt, end);
      await discard();
      return first ? { kind: "failed", error, durationMs } : { kind: "superseded" };
    }
    await services.recorded;
    await services.beforeEnd?.();
    const result = await commit(task, services, { outputs, notes, started, durationMs: elapsed(clock) });
    // What cannot be removed now is garbage.
    await (result ? checkpoints.drop().catch(() => {}) : discard());
    return result ?? { kind: "superseded" };
  } finally {
    await Promise.all([log.close(), scratch.dispose()]);
  }
}

interface Workspace {
  readonly signal: AbortSignal;
  readonly log: StepLog;
  readonly scratch: ScratchDirectory;
  readonly notes: StepNotes;
  readonly saved: SavedArtifact[];
  readonly checkpoints: CheckpointKeeper;
}

async function produce(
  task: AttemptTask,
  services: AttemptServices,
  { signal, log, scratch, notes, saved, checkpoints }: Workspace,
): Promise<Record<string, SavedArtifact>> {
  const { step, run, stepId, attempt } = task;
  const definition = await services.definition();
  const context = stepContext({
    params: await parametersOf(step, definition),
    signal,
    run,
    step: { id: stepId, attempt },
    log,
    notes,
    model: task.model,
    setStage: ({ name, version }, stage) => services.ledger.models.setStage(name, version, stage),
    component: services.component,
    checkpoints,
    scratch,
    progress: services.shared ? (message) => outputCapture.outside(() => services.receive(message)) : services.receive,
  });
  const values = await inputValues(task, services, { signal, scratch }, definition);
  const work = () => definition.run(values as never, context as never);
  const returned = await (services.shared ? outputCapture.inside(log, work) : work());
  const results = checkedOutputs(step, returned, notes, definition.outputs.output !== undefined);
  const outputs: Record<string, SavedArtifact> = {};
  const saving = [...results].map(async ([name, value]) => {
    const planned = step.outputs[name];
    const declared = definition.outputs[name];
    const artifact = await services.vault
      .save(value, {
        type: planned?.type,
        schema: isSchema(declared) ? declared : declared?.schema,
        location: services.vault.location(planned?.artifact ?? stepId),
        signal,
      })
      .catch((error: unknown) => {
        throw namedOutput(error, name, stepId);
      });
    saved.push(artifact);
    outputs[name] = { ...artifact, metadata: { ...artifact.metadata, ...notes.outputs[name] } };
  });
  const settled = await Promise.allSettled(saving);
  for (const one of settled) if (one.status === "rejected") throw one.reason;
  signal.throwIfAborted();
  return outputs;
}

/** What the vault says of a value, with the output that it was for. */
function namedOutput(error: unknown, name: string, stepId: string): unknown {
  if (!TenonError.is(error, "OUTPUT_INVALID")) return error;
  const { found, fix, details } = error;
  const doing = `saving output '${name}' of step '${stepId}'`;
  return new TenonError("OUTPUT_INVALID", { doing, found, ...(fix && { fix }), details, cause: error.cause });
}

async function inputValues(
  { inputs, run, stepId }: AttemptTask,
  services: AttemptServices,
  options: { readonly signal: AbortSignal; readonly scratch: ScratchDirectory },
  definition: StepDefinition,
): Promise<Record<string, unknown>> {
  const names = Object.keys(inputs);
  const loaded = await Promise.all(
    names.map((name) =>
      services.inputs.load(inputs[name] as never, options, (record) => {
        services.emit("artifactLoaded", { runId: run.id, stepId, artifact: artifactSummary(record) });
      }),
    ),
  );
  const values = Object.fromEntries(names.map((name, place) => [name, loaded[place]]));
  for (const name of names) {
    const input = inputs[name];
    const declared = definition.inputs?.[name];
    if (input === undefined || !("metadata" in input) || !isSchema(declared)) continue;
    const of = input.artifact ?? input.model ?? "";
    values[name] = await readMetadata({ [input.metadata]: input.value }, input.metadata, of, declared);
  }
  return values;
}

/** The plan has them validated; what a schema made of them (a Date, a default) is not in JSON, so it is made again. */
async function parametersOf(step: PlannedStep, definition: StepDefinition): Promise<JsonObject> {
  if (definition.params === undefined) return step.parameters;
  const result = await definition.params["~standard"].validate(step.parameters);
  if (!result.issues) return result.value as JsonObject;
  throw new TenonError("PARAMETER_INVALID", {
    doing: `reading the parameters of step '${step.id}'`,
    found: result.issues.map(({ message }) => message).join("; "),
    fix: "The step's schema has changed since the plan was made: run the pipeline again.",
  });
}

async function commit(
  task: AttemptTask,
  services: AttemptServices,
  made: {
    readonly outputs: Readonly<Record<string, SavedArtifact>>;
    readonly notes: StepNotes;
    readonly started: Date;
    readonly durationMs: number;
  },
): Promise<AttemptOutcome | undefined> {
  const { step, stepId, run, attempt } = task;
  const ended = now();
  const record = {
    runId: run.id,
    stepId,
    status: "succeeded" as const,
    attempt,
    started: made.started.toISOString(),
    ended,
    durationMs: made.durationMs,
    ...(task.cache && { cacheKey: task.cache.key, cacheParts: task.cache.parts }),
    inputs: task.inputs,
    ...(task.element && { elements: mapValues(made.outputs, elementRecord) }),
    metadata: task.element ? { ...made.notes.step, ...made.notes.outputs } : made.notes.step,
    ...(Object.keys(made.notes.run).length > 0 && { runMetadata: made.notes.run }),
    ...(task.model && { model: { ...task.model, metadata: made.notes.model } }),
  };
  const artifacts: Record<string, NewArtifactVersion> = {};
  for (const [output, saved] of task.element ? [] : Object.entries(made.outputs)) {
    artifacts[output] = {
      ...saved,
      created: ended,
      name: step.outputs[output]?.artifact as string,
      tags: step.settings.tags,
      producer: { runId: run.id, stepId, output },
    };
  }
  const result = await services.ledger.commitStep({
    step: record,
    attemptEnd: { outcome: "committed", ended, durationMs: made.durationMs },
    artifacts,
    ...(task.cache && { cacheKey: task.cache.key }),
  });
  if (!result.committed) return undefined;
  return { kind: "committed", step: result.step, artifacts: result.artifacts };
}

function elementRecord({ location, type, materializer, format, size, digest }: SavedArtifact): ElementRecord {
  return { location, type, materializer, format, size, digest };
}

/** A step that pays no heed to its signal is left behind: its result no longer counts. */
async function abortable<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const working = work();
  working.catch(() => {});
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([working, aborted]);
  } finally {
    if (stop) signal.removeEventListener("abort", stop);
  }
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

function elapsed(since: number): number {
  return Math.round((performance.now() - since) * 1000) / 1000;
}

function now(): string {
  return new Date().toISOString();
}
