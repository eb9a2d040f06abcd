import { inspect } from "node:util";
import type { ScratchDirectory } from "../artifacts/scratch-directory.js";
import type { JsonValue } from "../contracts/json.js";
import { checkMetadata } from "../contracts/metadata-values.js";
import type { AttemptMessage } from "../contracts/orchestrator.js";
import type { ModelStage } from "../contracts/reference.js";
import { TenonError } from "../errors.js";
import type { ModelId } from "../ledger/model-links.js";
import type { StepRunContext } from "../pipeline/context.js";
import type { StepLog } from "./step-log.js";

/** What a step said while it ran. */
export interface StepNotes {
  readonly outputs: Record<string, Record<string, JsonValue>>;
  readonly step: Record<string, JsonValue>;
  readonly run: Record<string, JsonValue>;
  readonly model: Record<string, JsonValue>;
}

export interface StepContextOptions {
  readonly params: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
  readonly run: StepRunContext["run"];
  readonly step: StepRunContext["step"];
  readonly log: StepLog;
  readonly notes: StepNotes;
  readonly model: ModelId | undefined;
  setStage(model: ModelId, stage: ModelStage): Promise<unknown>;
  readonly component: StepRunContext["component"];
  readonly checkpoints: StepRunContext["checkpoints"];
  /** Goes when the attempt has ended. */
  readonly scratch: ScratchDirectory;
  progress(message: AttemptMessage & { type: "progress" }): void;
}

/** Builds what a step's function gets as its second argument. */
export function stepContext(options: StepContextOptions): StepRunContext {
  const { log, notes, model } = options;
  const doing = `recording metadata in step '${options.step.id}'`;
  const write = (level: string) => (message: string, fields?: Readonly<Record<string, unknown>>) =>
    log.line(level, fields === undefined ? text(message) : `${text(message)} ${inspectFields(fields)}`);
  return {
    params: options.params,
    signal: options.signal,
    run: options.run,
    step: options.step,
    checkpoints: options.checkpoints,
    log: {
      debug: write("debug"),
      info: write("info"),
      warn: write("warn"),
      error: write("error"),
      progress: (done, total, fields = {}) =>
        options.progress({ type: "progress", done, ...(total !== undefined && { total }), fields }),
    },
    metadata: Object.assign(
      (values: Parameters<StepRunContext["metadata"]>[0]) => {
        for (const [output, facts] of Object.entries(values)) {
          checkMetadata(facts, `${doing}, output '${output}'`);
          notes.outputs[output] = { ...notes.outputs[output], ...facts };
        }
      },
      {
        step: (values: Readonly<Record<string, JsonValue>>) => add(values, notes.step, doing),
        run: (values: Readonly<Record<string, JsonValue>>) => add(values, notes.run, `${doing} about the run`),
        model: (values: Readonly<Record<string, JsonValue>>) => {
          if (model === undefined) throw noModel(options.step.id);
          add(values, notes.model, `${doing} about the model '${model.name}'`);
        },
      },
    ),
    model: model && {
      name: model.name,
      version: model.version,
      metadata: (values) => add(values, notes.model, `${doing} about the model '${model.name}'`),
      setStage: async (stage) => void (await options.setStage(model, stage)),
    },
    component: options.component,
    temporaryDirectory: async () => {
      options.signal.throwIfAborted();
      if (options.scratch.disposed) throw tooLate(options.step.id);
      return options.scratch.subdirectory();
    },
  };
}

function add(values: unknown, to: Record<string, JsonValue>, doing: string): void {
  checkMetadata(values, doing);
  Object.assign(to, values);
}

function tooLate(stepId: string): TenonError {
  return new TenonError("STEP_FAILED", {
    doing: `making a temporary directory for step '${stepId}'`,
    found: "the step has already ended, and what it returned is stored",
    fix: "Await all that the step begins before it returns.",
  });
}

function noModel(stepId: string): TenonError {
  return new TenonError("MODEL_INVALID", {
    doing: `recording metadata about the model of step '${stepId}'`,
    found: "neither the step nor its pipeline has one",
    fix: 'Write model: { name: "…" } where the pipeline or the step is defined.',
  });
}

function text(message: unknown): string {
  return typeof message === "string" ? message : inspect(message);
}

function inspectFields(fields: Readonly<Record<string, unknown>>): string {
  return inspect(fields, { breakLength: Number.POSITIVE_INFINITY, depth: 6 });
}
