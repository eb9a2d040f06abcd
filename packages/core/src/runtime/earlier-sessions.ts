import type { Ledger } from "../ledger/ledger.js";
import type { StepRunRecord } from "../ledger/records.js";
import { artifactsOf } from "./recorded-outcome.js";
import type { Artifacts } from "./work.js";

/** What earlier sessions of a run have left. */
export interface Earlier {
  readonly done: ReadonlyMap<string, { readonly step: StepRunRecord; readonly artifacts: Artifacts }>;
  readonly attempts: ReadonlyMap<string, number>;
}

/**
 * Revokes the attempts that an earlier driver has left open (one that still works on somewhere will find that it comes
 * too late), then reads what is done for good.
 */
export async function earlierSessions(ledger: Ledger, runId: string): Promise<Earlier> {
  const attempts = new Map<string, number>();
  const open = [];
  for (const attempt of await ledger.attempts(runId)) {
    attempts.set(attempt.stepId, Math.max(attempt.number, attempts.get(attempt.stepId) ?? 0));
    if (!attempt.end) open.push(attempt);
  }
  const ended = new Date().toISOString();
  for (const { stepId, number, started } of open) {
    const durationMs = Math.max(0, Date.parse(ended) - Date.parse(started));
    await ledger.endAttempt(runId, stepId, number, { outcome: "revoked", ended, durationMs });
  }
  const steps = (await ledger.stepRuns(runId)).filter(({ status }) => status === "succeeded" || status === "cached");
  const artifacts = await artifactsOf(ledger, steps);
  return {
    attempts,
    done: new Map(steps.map((step) => [step.stepId, { step, artifacts: artifacts.get(step.stepId) ?? {} }])),
  };
}
