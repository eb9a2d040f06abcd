import { nearestName, suggest } from "../contracts/nearest.js";
import { TenonError } from "../errors.js";
import type { Ledger } from "../ledger/ledger.js";
import type { RunFilter, RunSummary } from "../ledger/runs.js";

/** A run as it is read: with what can be told about its driver. */
export interface ReadRun extends RunSummary {
  /** True for a run that is recorded as running, and whose driver, a process of this machine, is no more. */
  readonly brokeOff: boolean;
}

export async function listRuns(ledger: Ledger, filter: RunFilter): Promise<ReadRun[]> {
  return Promise.all((await ledger.runs(filter)).map(readRun));
}

async function readRun(run: RunSummary): Promise<ReadRun> {
  const { status, driver } = run;
  if (status !== "running" || driver === undefined) return { ...run, brokeOff: false };
  // It lies with what runs pipelines, which a list of runs that have ended does not load.
  const { driverAlive } = await import("../runtime/session.js");
  return { ...run, brokeOff: driverAlive(driver) === false };
}

export async function findRun(ledger: Ledger, reference: string): Promise<ReadRun> {
  return await readRun(await find(ledger, reference));
}

async function find(ledger: Ledger, reference: string): Promise<RunSummary> {
  if (reference === "latest") {
    const [latest] = await ledger.runs({ limit: 1 });
    if (latest) return latest;
    throw unknown(
      reference,
      "there are no runs yet",
      "Start one with tenon run <file.ts>, or name the stack that it is on with --stack.",
    );
  }
  const [first, ...others] = reference === "" ? [] : await ledger.findRuns(reference);
  if (first === undefined) {
    const recent = (await ledger.runs({ limit: 50 })).map(({ id }) => id);
    const near = nearestName(reference, recent);
    throw unknown(
      reference,
      "there is no run whose id begins so",
      near === undefined
        ? "List them with tenon run list; those on another stack with --stack."
        : `Did you mean '${near}'?`,
    );
  }
  if (others.length === 0 || first.id === reference.toUpperCase()) return first;
  const ids = [first, ...others].map(({ id }) => id);
  throw unknown(reference, `several runs begin so: ${ids.join(", ")}`, "Write more of the id.");
}

export async function latestRunOf(ledger: Ledger, pipeline: string): Promise<ReadRun> {
  const [latest] = await ledger.runs({ pipeline, limit: 1 });
  if (latest) return await readRun(latest);
  const known = await ledger.pipelines();
  const fix = suggest(pipeline, known);
  throw new TenonError("PIPELINE_UNKNOWN", {
    doing: `looking for the latest run of pipeline '${pipeline}'`,
    found: known.length === 0 ? "no pipeline has run yet" : "no pipeline of that name has run",
    ...(fix === undefined ? {} : { fix }),
  });
}

function unknown(reference: string, found: string, fix: string): TenonError {
  return new TenonError("RUN_UNKNOWN", { doing: `looking for the run '${reference}'`, found, fix });
}
