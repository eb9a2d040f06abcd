import type { StepEnd } from "../contracts/orchestrator.js";
import type { PlannedStep } from "../contracts/plan.js";
import { TenonError } from "../errors.js";
import type { StepRunRecord } from "../ledger/records.js";
import { Driver } from "../runtime/driver.js";
import { earlierSessions } from "../runtime/earlier-sessions.js";
import { neededBy } from "../runtime/graph.js";
import { InPlaceLauncher } from "../runtime/in-place-launcher.js";
import { modelsOfRun } from "../runtime/models-of-run.js";
import { artifactsOf } from "../runtime/recorded-outcome.js";
import type { RunContext } from "../runtime/run-context.js";
import { StepRecords } from "../runtime/step-records.js";
import type { Execution } from "./execute.js";
import { outputTypes } from "./output-types.js";
import { runContext } from "./surroundings.js";

/** A recorded run, and this process' part in it. */
export type StepExecution = Omit<Execution, "record" | "earlier"> & { readonly record: { readonly id: string } };

/**
 * Carries out one step of a recorded run, for an engine that walks the plan itself: what it takes is read from the
 * ledger, and what came of it is recorded there.
 *
 * @throws `STEP_UNKNOWN`; what a store threw
 */
export async function runStep(execution: StepExecution, stepId: string): Promise<StepEnd> {
  const { kernel, stores, plan, record, literals, force = false } = execution;
  const { ledger } = stores;
  const step = plan.steps.find(({ id }) => id === stepId);
  if (!step) {
    throw new TenonError("STEP_UNKNOWN", {
      doing: `running step '${stepId}' of run ${record.id}`,
      found: "its plan has none",
    });
  }
  const needed = [...neededBy(step)];
  const [own, ...before] = await Promise.all([stepId, ...needed].map((id) => ledger.stepRun(record.id, id)));
  if (isDone(own)) return own.status as StepEnd;
  const part = { ...plan, steps: [step], outputs: {} };
  const context = runContext({ ...execution, plan: part }, await modelsOfRun(ledger, record.id, plan));
  const place = before.findIndex((one) => !isDone(one));
  if (place >= 0) {
    await skip(context, step, `step '${needed[place]}' ${before[place]?.status ?? "has not run"}`);
    return "skipped";
  }
  const { done, attempts } = await earlierSessions(ledger, record.id, { step });
  const result = await new Driver(context, {
    launcher: new InPlaceLauncher(),
    literals,
    upstream: await artifactsOf(ledger, before.filter(isDone)),
    done,
    attempts,
    force,
    signal: execution.signal ?? new AbortController().signal,
    types: await outputTypes(part, kernel.materializers),
  }).drive();
  return result.steps.get(stepId) ?? "cancelled";
}

/** Records that a step will not be run. */
export async function skip(run: RunContext, step: PlannedStep, because: string): Promise<void> {
  const records = new StepRecords(run);
  records.skipped(step.id, because);
  await records.flush();
  await run.hooks.emit("stepSkipped", { runId: run.id, stepId: step.id, step, because });
}

export function isDone(step: StepRunRecord | undefined): step is StepRunRecord {
  return step?.status === "succeeded" || step?.status === "cached";
}
