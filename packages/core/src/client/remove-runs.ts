import { rm } from "node:fs/promises";
import { TenonError } from "../errors.js";
import { runLogDirectory } from "../runtime/step-log.js";
import type { Connection } from "./connection.js";
import { findRun } from "./runs.js";

/** A run that was deleted, or would be. */
export interface RemovedRun {
  readonly id: string;
  readonly pipeline: string;
  readonly created: string;
  readonly deleted: boolean;
}

export async function removeRuns(
  { kernel, ledger }: Connection,
  ids: readonly string[],
  { force = false }: { readonly force?: boolean },
): Promise<RemovedRun[]> {
  const runs = [];
  for (const id of new Set(ids)) {
    const run = await findRun(ledger, id);
    // Before any is touched: a list of runs is deleted or refused as a whole.
    if (run.status === "running" && !run.brokeOff) throw active(id);
    runs.push(run);
  }
  for (const { id } of force ? runs : []) {
    await ledger.removal.runs.remove(id);
    await rm(runLogDirectory(kernel.project.stateDirectory, id), { recursive: true, force: true });
  }
  return runs.map(({ id, pipeline, created }) => ({ id, pipeline, created, deleted: force }));
}

function active(id: string): TenonError {
  return new TenonError("RUN_ACTIVE", {
    doing: `deleting run ${id}`,
    found: "it goes on",
    fix: `Wait for it, or stop it with: tenon run cancel ${id}`,
  });
}
