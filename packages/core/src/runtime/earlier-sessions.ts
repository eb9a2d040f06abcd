import type { PlannedStep } from "../contracts/plan.js";
import type { AttemptSummary } from "../ledger/attempts.js";
import type { Ledger } from "../ledger/ledger.js";
import type { StepRunRecord } from "../ledger/records.js";
import { artifactsOf } from "./recorded-outcome.js";
import type { Artifacts } from "./work.js";

/** What earlier sessions of a run have left. */
export interface Earlier {
  readonly done: ReadonlyMap<string, { readonly step: StepRunRecord; readonly artifacts: Artifacts }>;
  readonly attempts: ReadonlyMap<string, number>;
  /** Under way in an engine whose names for them last. */
  readonly orphans: readonly AttemptSummary[];
}

/**
 * Revokes the attempts that an earlier driver has left open (one that still works on somewhere will find that it comes
 * too late), but for those that the engine can still be asked about; then reads what is done for good.
 *
 * @param options.step of this one alone, the elements of its map included
 * @param options.lasting whether the launcher's names for attempts last
 */
export async function earlierSessions(
  ledger: Ledger,
  runId: string,
  { step, lasting = false }: { readonly step?: PlannedStep; readonly lasting?: boolean } = {},
): Promise<Earlier> {
  const attempts = new Map<string, number>();
  const open = [];
  const orphans = [];
  const concerned = (id: string) => step === undefined || id === step.id || id.startsWith(`${step.id}[`);
  const single = step !== undefined && !step.mapped;
  for (const attempt of await (single ? ledger.attempts(runId, step.id) : ledger.attempts(runId))) {
    if (!concerned(attempt.stepId)) continue;
    attempts.set(attempt.stepId, Math.max(attempt.number, attempts.get(attempt.stepId) ?? 0));
    if (attempt.end) continue;
    if (lasting && attempt.launch) orphans.push(attempt);
    else open.push(attempt);
  }
  const ended = new Date().toISOString();
  for (const { stepId, number, started } of open) {
    const durationMs = Math.max(0, Date.parse(ended) - Date.parse(started));
    await ledger.endAttempt(runId, stepId, number, { outcome: "revoked", ended, durationMs });
  }
  const recorded = single ? [] : (await ledger.stepRuns(runId)).filter(({ stepId }) => concerned(stepId));
  const steps = recorded.filter(({ status }) => status === "succeeded" || status === "cached");
  const artifacts = await artifactsOf(ledger, steps);
  return {
    attempts,
    orphans,
    done: new Map(steps.map((step) => [step.stepId, { step, artifacts: artifacts.get(step.stepId) ?? {} }])),
  };
}
