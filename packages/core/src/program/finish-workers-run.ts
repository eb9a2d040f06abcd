import type { RunStatus } from "../contracts/hooks.js";
import type { Plan } from "../contracts/plan.js";
import type { Ledger } from "../ledger/ledger.js";
import type { StepRunRecord } from "../ledger/records.js";
import type { RunSummary } from "../ledger/runs.js";

/** The steps of which this session says how they came out, or that are done for good. */
export async function settledSteps(
  ledger: Ledger,
  runId: string,
  session: number,
): Promise<ReadonlyMap<string, StepRunRecord>> {
  const steps = await ledger.stepRuns(runId, session);
  return new Map(steps.map((step) => [step.stepId, step]));
}

/** Ends a run that has no driver, when none of its steps is left. Whoever comes to it first does. */
export async function finishWorkersRun(ledger: Ledger, run: RunSummary, plan: Plan, session: number): Promise<void> {
  const settled = await settledSteps(ledger, run.id, session);
  if (!plan.steps.every(({ id }) => settled.has(id))) return;
  const steps = plan.steps.map(({ id }) => settled.get(id) as StepRunRecord);
  const failed = steps.find(({ status }) => status === "failed");
  const cancelled = steps.some((step) => step.status === "cancelled");
  const status: Exclude<RunStatus, "running"> = cancelled ? "cancelled" : failed ? "failed" : "succeeded";
  const begun = Math.min(...steps.map(({ started }) => Date.parse(started)));
  const ended = steps
    .map((step) => step.ended)
    .sort()
    .at(-1) as string;
  const durationMs = Math.max(0, Date.parse(ended) - begun);
  await ledger.endSession(run.id, session, {
    status,
    ended,
    durationMs,
    ...(failed?.error && { error: failed.error }),
  });
}
