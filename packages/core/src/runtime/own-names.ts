import type { PlannedStep } from "../contracts/plan.js";
import type { ArtifactVersionRecord } from "../ledger/records.js";
import type { Hit } from "./cache-lookup.js";
import type { RunContext } from "./run-context.js";

/**
 * A hit whose artifacts have the names that the plan gives them. What another pipeline has made, or this one under
 * another name, becomes a version of the planned name too, of the same bytes; so whoever looks it up by that name finds it.
 */
export async function withOwnNames(run: RunContext, step: PlannedStep, hit: Hit): Promise<Hit> {
  const foreign = Object.entries(hit.artifacts).filter(([output, { name }]) => name !== step.outputs[output]?.artifact);
  if (foreign.length === 0) return hit;
  const artifacts: Record<string, ArtifactVersionRecord> = { ...hit.artifacts };
  for (const [output, { version: _, number: __, created: ___, ...content }] of foreign) {
    const name = step.outputs[output]?.artifact;
    if (name === undefined) continue;
    const producer = { runId: run.id, stepId: step.id, output };
    const named = { ...content, name, tags: step.settings.tags, producer };
    const known = await run.ledger.addArtifact(named);
    // One that an earlier run has made may be about to be removed; the bytes are held under the name that was found.
    const { artifacts: doomed } = await run.ledger.holds.take(run.id, [known]);
    artifacts[output] = doomed.size === 0 ? known : await run.ledger.addArtifact(named, { again: true });
  }
  return { ...hit, artifacts };
}
