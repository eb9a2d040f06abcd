import type { Ledger } from "../ledger/ledger.js";
import type { ArtifactVersionRecord, StepRunRecord } from "../ledger/records.js";
import type { RecordedOutcome } from "./run-context.js";
import type { Artifacts } from "./work.js";

/** How an attempt ended, as the ledger has it: for attempts of other processes. */
export async function recordedOutcome(
  ledger: Ledger,
  runId: string,
  stepId: string,
  number: number,
): Promise<RecordedOutcome> {
  const step = await ledger.stepRun(runId, stepId);
  if (step?.status === "succeeded") {
    return { kind: "committed", step, artifacts: (await artifactsOf(ledger, [step])).get(stepId) ?? {} };
  }
  const attempt = await ledger.attempt(runId, stepId, number);
  if (attempt?.end?.outcome === "cancelled" || attempt?.end?.outcome === "revoked") return { kind: "cancelled" };
  return { kind: "failed", error: attempt?.end?.error };
}

/** The artifacts that steps made, by step id, in one read. */
export async function artifactsOf(ledger: Ledger, steps: readonly StepRunRecord[]): Promise<Map<string, Artifacts>> {
  const ids = [...new Set(steps.flatMap(({ outputs }) => Object.values(outputs)))];
  const records = await ledger.artifacts(ids);
  const byId = new Map(ids.map((id, place) => [id, records[place]]));
  return new Map(
    steps.map(({ stepId, outputs }) => {
      const artifacts: Record<string, ArtifactVersionRecord> = {};
      for (const [output, id] of Object.entries(outputs)) {
        const record = byId.get(id);
        if (record) artifacts[output] = record;
      }
      return [stepId, artifacts];
    }),
  );
}
