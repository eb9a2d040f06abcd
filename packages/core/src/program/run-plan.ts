import { readFile } from "node:fs/promises";
import type { Compiled } from "../compiler/compile.js";
import { planDigest } from "../compiler/plan-digest.js";
import { readPlan } from "../compiler/read-plan.js";
import { TenonError } from "../errors.js";
import type { Kernel } from "../kernel/kernel.js";
import type { RunSummary } from "../ledger/runs.js";
import { workers } from "../runtime/session.js";
import { takeOver } from "./drive.js";
import { gitState } from "./git-state.js";
import { presentCode } from "./present-code.js";
import { finish, type RunOptions, type SessionOptions, startRun, withKernel } from "./run.js";
import type { RunResult } from "./run-result.js";
import { openStores, type Stores } from "./stores.js";
import { refuseInWorker } from "./worker-flag.js";
import { driverLives } from "./workers-session.js";

export type RunPlanOptions = Omit<RunOptions, "params" | "paramsFile" | "paramTexts">;

/** @see runPlan in index.ts */
export async function runPlan(given: string, options: RunPlanOptions = {}): Promise<RunResult> {
  refuseInWorker("running a plan");
  return withKernel(options, async (kernel) => {
    const git = gitState(kernel.project);
    const stores = await openStores(kernel, options.stack);
    return startRun(kernel, stores, await compiledPlan(given, kernel), options, await git);
  });
}

/** A plan, with the steps that it names. @param given its file's path, or its text */
export async function compiledPlan(given: string, { project }: Kernel): Promise<Compiled> {
  const text = given.includes("\n") ? given : await readText(given);
  const plan = await readPlan(text, given === text ? undefined : given);
  const present = await presentCode(plan, project, new Set());
  return { ...present, text, digest: planDigest(text), parameterOrigins: {}, literals: new Map() };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new TenonError("PLAN_INVALID", { doing: `reading the plan ${path}`, found, cause });
  }
}

/** @see resume in index.ts */
export async function resume(runId: string, options: SessionOptions = {}): Promise<RunResult> {
  refuseInWorker(`resuming run ${runId}`);
  return withKernel(options, async (kernel) => {
    const stores = await openStores(kernel, options.stack);
    const record = await resumable(stores, runId);
    const { plan, warnings, executed } = await takeOver(kernel, stores, record, options);
    const ran = { id: record.id, plan, digest: record.plan, warnings, durationMs: executed.durationMs };
    return finish(ran, executed, stores, options);
  });
}

/** @see cancel in index.ts */
export async function cancel(runId: string, options: SessionOptions = {}): Promise<void> {
  await withKernel(options, async (kernel) => {
    const { ledger } = await openStores(kernel, options.stack, ["artifactStore", "metadataStore"]);
    if (!(await ledger.run(runId))) throw unknownRun(runId);
    await ledger.requestCancel(runId);
  });
}

/** @throws `RUN_UNKNOWN`, `RUN_NOT_RESUMABLE` */
export async function resumable({ ledger }: Stores, runId: string): Promise<RunSummary> {
  const run = await ledger.run(runId);
  if (!run) throw unknownRun(runId);
  const refuse = (found: string, fix: string): never => {
    throw new TenonError("RUN_NOT_RESUMABLE", { doing: `resuming run ${runId}`, found, fix });
  };
  if (run.status === "succeeded") refuse("it has succeeded", "Run the pipeline again: what has not changed is cached.");
  if (run.status !== "running") return run;
  const { driver } = run;
  if (driver !== undefined && (await driverLives(ledger, runId, driver)))
    refuse(
      driver === workers ? "workers take its steps" : `it goes on, driven by ${driver}`,
      `Wait for it, or stop it with: tenon run cancel ${runId}`,
    );
  return run;
}

function unknownRun(runId: string): TenonError {
  return new TenonError("RUN_UNKNOWN", {
    doing: `looking for run ${runId}`,
    found: "the ledger has no such run",
    fix: "See the runs with: tenon run list",
  });
}
