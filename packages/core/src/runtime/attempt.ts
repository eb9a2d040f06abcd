import type { Attempt, AttemptExit, AttemptMessage } from "../contracts/orchestrator.js";
import type { AttemptRecord } from "../ledger/records.js";
import type { RunContext } from "./run-context.js";
import { type AttemptOutcome, runAttempt } from "./step-runner.js";
import type { Work } from "./work.js";

/** What the ledger is told before an attempt starts; one in another process finds there what it has to do. */
export function attemptRecord(run: RunContext, work: Work, number: number, remote: boolean): AttemptRecord {
  const { id: stepId, inputs, cache } = work;
  const model = run.models(work.step);
  const forOthers = {
    inputs,
    ...(cache && { cacheKey: cache.key, cacheParts: cache.parts }),
    ...(model && { model: { ...model } }),
  };
  const started = new Date().toISOString();
  const record = { runId: run.id, stepId, number, session: run.session, started };
  return (remote ? { ...record, work: forOthers } : record) as AttemptRecord;
}

export interface AttemptEvents {
  readonly id: string;
  readonly number: number;
  /** Resolves when the attempt is on record. */
  readonly recorded: Promise<unknown>;
  receive(message: AttemptMessage): void;
  /** For an attempt in this process: how it came out. */
  ended(outcome: AttemptOutcome): void;
  /** The ledger could not be written. */
  failed(error: unknown): void;
}

/** What a launcher is given. */
export function newAttempt(run: RunContext, work: Work, events: AttemptEvents): Attempt {
  const { id, number, recorded, receive } = events;
  const { step, inputs, cache, id: stepId } = work;
  const { resources, timeout } = step.settings;
  return {
    id,
    runId: run.id,
    stepId,
    number,
    resources,
    engine: run.engine.get(step.id) ?? {},
    timeout,
    // Put together only for a launcher that starts processes.
    get process() {
      return run.process(work, number);
    },
    receive,
    run: async (signal): Promise<AttemptExit> => {
      const element = work.element !== undefined;
      const place = { run: run.record, stepId, step, attempt: number, session: run.session };
      const task = { ...place, inputs, cache, model: run.models(step), element };
      try {
        const outcome = await runAttempt(task, { ...run.services(work, number), receive, recorded }, signal);
        events.ended(outcome);
        return outcome.kind === "cancelled" ? { kind: "cancelled" } : { kind: "ended" };
      } catch (error) {
        events.failed(error);
        return { kind: "crashed", reason: String(error), retry: false };
      }
    },
  };
}
