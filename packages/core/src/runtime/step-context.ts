import { inspect } from "node:util";
import type { JsonValue } from "../contracts/json.js";
import type { AttemptMessage } from "../contracts/orchestrator.js";
import type { StepRunContext } from "../pipeline/context.js";
import type { StepLog } from "./step-log.js";

/** What a step said while it ran. */
export interface StepNotes {
  readonly outputs: Record<string, Record<string, JsonValue>>;
  readonly step: Record<string, JsonValue>;
}

export interface StepContextOptions {
  readonly params: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
  readonly run: StepRunContext["run"];
  readonly step: StepRunContext["step"];
  readonly log: StepLog;
  readonly notes: StepNotes;
  progress(message: AttemptMessage & { type: "progress" }): void;
}

/** Builds what a step's function gets as its second argument. */
export function stepContext(options: StepContextOptions): StepRunContext {
  const { log, notes } = options;
  const write = (level: string) => (message: string, fields?: Readonly<Record<string, unknown>>) =>
    log.line(level, fields === undefined ? text(message) : `${text(message)} ${inspectFields(fields)}`);
  return {
    params: options.params,
    signal: options.signal,
    run: options.run,
    step: options.step,
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
          notes.outputs[output] = { ...notes.outputs[output], ...facts };
        }
      },
      { step: (values: Readonly<Record<string, JsonValue>>) => void Object.assign(notes.step, values) },
    ),
  };
}

function text(message: unknown): string {
  return typeof message === "string" ? message : inspect(message);
}

function inspectFields(fields: Readonly<Record<string, unknown>>): string {
  return inspect(fields, { breakLength: Number.POSITIVE_INFINITY, depth: 6 });
}
