import { suggest } from "../contracts/nearest.js";
import { TenonError } from "../errors.js";
import type { Ledger } from "../ledger/ledger.js";
import { readStepLogs } from "../runtime/step-log.js";

export interface LogLine {
  readonly stepId: string;
  /** 1 for the first try of the step. */
  readonly attempt: number;
  readonly text: string;
}

/** Step after step, attempt after attempt. A mapped step's lines are those of its elements. */
export async function* readLogs(stateDirectory: string, runId: string, stepId?: string): AsyncIterable<LogLine> {
  for (const log of await readStepLogs(stateDirectory, runId)) {
    if (stepId !== undefined && log.stepId !== stepId && !log.stepId.startsWith(`${stepId}[`)) continue;
    for (const text of log.text.replace(/\n$/, "").split("\n")) {
      yield { stepId: log.stepId, attempt: log.attempt, text };
    }
  }
}

/** @throws `STEP_UNKNOWN` if the run's plan has no such step */
export async function checkStep(ledger: Ledger, runId: string, stepId: string): Promise<void> {
  const run = await ledger.run(runId);
  const text = run && (await ledger.plan(run.plan));
  if (text === undefined) return;
  const { readPlan } = await import("../compiler/read-plan.js");
  const known = (await readPlan(text)).steps.map(({ id }) => id);
  if (known.includes(stepId.replace(/\[\d+\]$/, ""))) return;
  const fix = suggest(stepId, known);
  throw new TenonError("STEP_UNKNOWN", {
    doing: `looking for step '${stepId}' of run ${runId}`,
    found: `its steps are ${known.slice(0, 20).join(", ")}${known.length > 20 ? ` and ${known.length - 20} more` : ""}`,
    ...(fix === undefined ? {} : { fix }),
  });
}
