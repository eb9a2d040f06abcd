import { setTimeout as sleep } from "node:timers/promises";
import { suggest } from "../contracts/nearest.js";
import { plannedStepId } from "../contracts/plan.js";
import { TenonError } from "../errors.js";
import type { Ledger } from "../ledger/ledger.js";
import { GrowingLog, wholeLogs } from "./log-sources.js";

export interface LogLine {
  readonly stepId: string;
  /** 1 for the first try of the step. */
  readonly attempt: number;
  readonly text: string;
}

const LOOK_MS = 1_000;
/** After an attempt has ended its process may still bring the rest of its log to the stack. */
const looksAfterEnd = 5;

/** Step after step, attempt after attempt. A mapped step's lines are those of its elements. */
export async function* readLogs(
  ledger: Ledger,
  stateDirectory: string,
  runId: string,
  stepId?: string,
): AsyncIterable<LogLine> {
  for (const log of await wholeLogs(ledger, stateDirectory, runId, asked(stepId))) {
    for (const text of log.text.replace(/\n$/, "").split("\n")) {
      yield { stepId: log.stepId, attempt: log.attempt, text };
    }
  }
}

/**
 * Lines as they are written, wherever that is, until the run has ended.
 *
 * @throws `RUN_BROKE_OFF` after the last line if its driver is no more
 */
export async function* followLogs(
  ledger: Ledger,
  stateDirectory: string,
  runId: string,
  { stepId, signal }: { readonly stepId?: string; readonly signal?: AbortSignal } = {},
): AsyncIterable<LogLine> {
  const isAsked = asked(stepId);
  const logs = new Map<string, { readonly log: GrowingLog; looks: number }>();
  const { brokeOff, DriverWatch } = await import("../runtime/driver-watch.js");
  const driver = new DriverWatch(ledger);
  for (;;) {
    const run = await ledger.run(runId);
    const gone = run?.status === "running" && (await driver.isGone(run));
    const ended = gone || run?.status !== "running";
    for (const attempt of await ledger.attempts(runId)) {
      if (!isAsked(attempt.stepId)) continue;
      const key = `${attempt.stepId} ${attempt.number}`;
      const open = () => new GrowingLog(ledger, stateDirectory, runId, attempt.stepId, attempt.number);
      const known = logs.get(key) ?? { log: open(), looks: 0 };
      logs.set(key, known);
      if (known.looks > looksAfterEnd) continue;
      if (attempt.end) known.looks += 1;
      const last = ended || known.looks > looksAfterEnd;
      for (const text of await known.log.lines(last)) {
        yield { stepId: attempt.stepId, attempt: attempt.number, text };
      }
    }
    if (gone) throw brokeOff(run);
    if (ended || signal?.aborted) return;
    await sleep(LOOK_MS, undefined, { ...(signal && { signal }) }).catch(() => {});
  }
}

function asked(stepId: string | undefined): (id: string) => boolean {
  return (id) => stepId === undefined || id === stepId || id.startsWith(`${stepId}[`);
}

/** @throws `STEP_UNKNOWN` if the run's plan has no such step */
export async function checkStep(ledger: Ledger, runId: string, stepId: string): Promise<void> {
  const run = await ledger.run(runId);
  const text = run && (await ledger.plan(run.plan));
  if (text === undefined) return;
  const { readPlan } = await import("../compiler/read-plan.js");
  const known = (await readPlan(text)).steps.map(({ id }) => id);
  if (known.includes(plannedStepId(stepId))) return;
  const fix = suggest(stepId, known);
  throw new TenonError("STEP_UNKNOWN", {
    doing: `looking for step '${stepId}' of run ${runId}`,
    found: `its steps are ${known.slice(0, 20).join(", ")}${known.length > 20 ? ` and ${known.length - 20} more` : ""}`,
    ...(fix === undefined ? {} : { fix }),
  });
}
