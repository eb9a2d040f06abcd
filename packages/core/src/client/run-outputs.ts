import { suggest } from "../contracts/nearest.js";
import type { Plan } from "../contracts/plan.js";
import { TenonError } from "../errors.js";
import type { ArtifactVersionRecord, RunRecord, StepRunRecord } from "../ledger/records.js";
import type { Connection } from "./connection.js";

export async function planOf({ ledger }: Connection, run: Pick<RunRecord, "id" | "plan">): Promise<Plan> {
  const text = await ledger.plan(run.plan);
  if (text !== undefined) return (await import("../compiler/read-plan.js")).readPlan(text);
  throw new TenonError("PLAN_UNKNOWN", {
    doing: `looking for the plan of run ${run.id}`,
    found: `nothing is recorded under ${run.plan}`,
  });
}

export async function stepOfRun({ ledger }: Connection, runId: string, stepId: string): Promise<StepRunRecord> {
  const step = await ledger.stepRun(runId, stepId);
  if (step) return step;
  const known = (await ledger.stepRuns(runId)).map((one) => one.stepId);
  throw unknown(
    "STEP_UNKNOWN",
    `looking for step '${stepId}' of run ${runId}`,
    known.length === 0 ? "none of its steps has ended" : `those that have ended are ${listed(known)}`,
    stepId,
    known,
  );
}

/** @param name the name that the pipeline's body gave it */
export async function outputOfRun(
  connection: Connection,
  runId: string,
  plan: Plan,
  name: string,
): Promise<ArtifactVersionRecord> {
  const output = Object.hasOwn(plan.outputs, name) ? plan.outputs[name] : undefined;
  if (output) return outputOfStep(connection, runId, output.step, output.output);
  const known = Object.keys(plan.outputs);
  throw unknown(
    "ARTIFACT_UNKNOWN",
    `looking for the output '${name}' of run ${runId}`,
    known.length === 0 ? `pipeline '${plan.pipeline}' returns none` : `its outputs are ${listed(known)}`,
    name,
    known,
  );
}

export async function outputOfStep(
  connection: Connection,
  runId: string,
  stepId: string,
  output: string,
): Promise<ArtifactVersionRecord> {
  const step = await stepOfRun(connection, runId, stepId);
  const id = Object.hasOwn(step.outputs, output) ? step.outputs[output] : undefined;
  const record = id === undefined ? undefined : await connection.ledger.artifact(id);
  if (record) return record;
  const known = Object.keys(step.outputs);
  const did = step.status === "succeeded" || step.status === "cached" ? "gave" : `was ${step.status} and gave`;
  throw unknown(
    "ARTIFACT_UNKNOWN",
    `looking for the output '${output}' of step '${stepId}' of run ${runId}`,
    `the step ${did} ${known.length === 0 ? "nothing" : listed(known)}`,
    output,
    known,
  );
}

function listed(names: readonly string[]): string {
  return names.length > 20 ? `${names.slice(0, 20).join(", ")} and ${names.length - 20} more` : names.join(", ");
}

function unknown(
  code: "STEP_UNKNOWN" | "ARTIFACT_UNKNOWN",
  doing: string,
  found: string,
  name: string,
  known: readonly string[],
): TenonError {
  const fix = suggest(name, known);
  return new TenonError(code, { doing, found, ...(fix === undefined ? {} : { fix }) });
}
