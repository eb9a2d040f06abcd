import { readPlan } from "../compiler/read-plan.js";
import type { Plan } from "../contracts/plan.js";
import { TenonError } from "../errors.js";
import type { Ledger } from "../ledger/ledger.js";
import type { RunSummary } from "../ledger/runs.js";

export interface RecordedPlan {
  readonly run: RunSummary;
  readonly plan: Plan;
}

/**
 * A run with its plan, as the ledger has them.
 *
 * @param doing what they are needed for, for the error
 * @throws `RUN_UNKNOWN`, `PLAN_UNKNOWN`
 */
export async function recordedPlan(ledger: Ledger, runId: string, doing: string): Promise<RecordedPlan> {
  const run = await ledger.run(runId);
  if (!run) throw new TenonError("RUN_UNKNOWN", { doing, found: "the ledger has no such run" });
  return { run, plan: await planOfRun(ledger, run, doing) };
}

/** @throws `PLAN_UNKNOWN` */
export async function planOfRun(ledger: Ledger, { plan }: Pick<RunSummary, "plan">, doing: string): Promise<Plan> {
  const text = await ledger.plan(plan);
  if (text === undefined) throw new TenonError("PLAN_UNKNOWN", { doing, found: `its plan ${plan} is gone` });
  return readPlan(text);
}
