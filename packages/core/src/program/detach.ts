import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { StepProcess } from "../contracts/orchestrator.js";
import { TenonError } from "../errors.js";
import type { Kernel } from "../kernel/kernel.js";
import { boundFlavor } from "../kernel/stack-choice.js";
import type { RunSummary } from "../ledger/runs.js";
import type { PipelineDefinition } from "../pipeline/pipeline.js";
import { runLogDirectory } from "../runtime/step-log.js";
import { type Bootstrap, bootstrapProcess, type CodePlace, sharedCode } from "./bootstrap.js";
import { type LeftRun, leave } from "./leave-run.js";
import { presentCode } from "./present-code.js";
import { planOfRun } from "./recorded-plan.js";
import { type RunOptions, type SessionOptions, withKernel } from "./run.js";
import { resumable } from "./run-plan.js";
import { isDone } from "./run-step.js";
import type { Stores } from "./stores.js";
import { openStores } from "./stores.js";
import { refuseInWorker } from "./worker-flag.js";

/** How long the driver's process may take to begin before nobody waits for it any more. */
const PATIENCE_MS = 15_000;

export interface DetachedRun extends LeftRun {
  /** Where its driver is: a job of the engine, or a process of this machine. */
  readonly driver: { readonly job: string } | { readonly process: number };
}

/**
 * Starts a run that does not need this process: its driver is a job of the engine, or a process of its own on this machine.
 *
 * @throws as `run`, before anything starts; `STEP_NOT_FOUND_AGAIN`; `ORCHESTRATOR_FAILED` if the driver does not start
 */
export async function detach(
  what: PipelineDefinition | { readonly planFile: string },
  options: RunOptions = {},
): Promise<DetachedRun> {
  refuseInWorker("starting a detached run");
  return withKernel(options, async (kernel) => {
    const stores = await openStores(kernel, options.stack);
    checkReachable(stores);
    const { left, code } = await leave(what, kernel, stores, options, { deliver: hasDriverJobs(stores) });
    return { ...left, driver: await startDriver(kernel, stores, left, code ?? sharedCode(kernel.project), false) };
  });
}

/** As `resume`, by a driver that does not need this process. @throws as `resume` */
export async function resumeDetached(runId: string, options: SessionOptions = {}): Promise<DetachedRun> {
  refuseInWorker(`resuming run ${runId}`);
  return withKernel(options, async (kernel) => {
    const stores = await openStores(kernel, options.stack);
    checkReachable(stores);
    const record = await resumable(stores, runId);
    const left = { id: record.id, pipeline: record.pipeline, plan: record.plan, warnings: [] };
    const code = await codeToResume(kernel, stores, record);
    return { ...left, driver: await startDriver(kernel, stores, left, code, true) };
  });
}

function hasDriverJobs({ stack }: Stores): boolean {
  return stack.orchestrator.launchDriver !== undefined;
}

/** This project's, brought to where the driver will be. */
async function codeToResume(kernel: Kernel, stores: Stores, record: RunSummary): Promise<CodePlace> {
  const { ledger, stack } = stores;
  const { code: setting } = stack.orchestrator;
  if (!hasDriverJobs(stores) || setting === undefined || setting === "shared") return sharedCode(kernel.project);
  const [recorded, ran] = await Promise.all([
    planOfRun(ledger, record, `resuming run ${record.id}`),
    ledger.stepRuns(record.id),
  ]);
  const done = new Set(ran.filter(isDone).map(({ stepId }) => stepId));
  const { plan, steps } = await presentCode(recorded, kernel.project, done);
  const { deliverCode } = await import("./deliver-code.js");
  return deliverCode(setting, { kernel, stores, plan, steps, record, session: record.session + 1, earlier: { done } });
}

async function startDriver(
  kernel: Kernel,
  stores: Stores,
  { id: runId, plan }: LeftRun,
  code: CodePlace,
  resume: boolean,
): Promise<DetachedRun["driver"]> {
  const { ledger, stack } = stores;
  const session = (await ledger.latestSession(runId))?.number ?? 0;
  const bootstrap: Bootstrap = {
    project: kernel.project.name,
    stack: stack.record,
    runId,
    plan,
    code,
    task: { do: "drive", resume },
  };
  const process = bootstrapProcess(bootstrap, kernel.project.code);
  const job = { id: `${runId}-driver-${session + 1}`, runId, process };
  const name = await stack.orchestrator.launchDriver?.(job);
  if (name !== undefined) return { job: name };
  return { process: await startHere(process, kernel, stores, runId, session) };
}

/** In the background of this machine; what it says is kept beside the logs of the steps. */
async function startHere(
  { command, environment, directory }: StepProcess,
  kernel: Kernel,
  { ledger }: Stores,
  runId: string,
  session: number,
): Promise<number> {
  const logs = runLogDirectory(kernel.project.stateDirectory, runId);
  mkdirSync(logs, { recursive: true });
  const file = join(logs, "driver.log");
  const log = openSync(file, "a");
  const [program, ...given] = command;
  const env = { ...process.env, ...environment };
  const child = spawn(program, given, { cwd: directory, env, detached: true, stdio: ["ignore", log, log] });
  closeSync(log);
  let ended: string | undefined;
  child.once("error", (error) => {
    ended = error.message;
  });
  child.once("exit", (code, signal) => {
    ended = `it ended with ${signal ?? `exit code ${code}`}`;
  });
  const until = performance.now() + PATIENCE_MS;
  while (performance.now() < until) {
    if (((await ledger.latestSession(runId))?.number ?? 0) > session) break;
    if (ended !== undefined) throw await notStarted(runId, ended, file);
    await sleep(50);
  }
  child.unref();
  return child.pid as number;
}

async function notStarted(runId: string, ended: string, file: string): Promise<TenonError> {
  const said = (await readFile(file, "utf8").catch(() => "")).trim();
  return new TenonError("ORCHESTRATOR_FAILED", {
    doing: `starting the driver of run ${runId}`,
    found: said === "" ? ended : `${ended}, and says: ${said}`,
    fix: `When that is mended: tenon run resume ${runId} --detach`,
  });
}

/** @throws `STACK_INVALID` for what only this process has */
function checkReachable({ stack }: Stores): void {
  const { name, components } = stack.record;
  const bound = Object.entries(components).filter(([, { flavor }]) => flavor === boundFlavor);
  if (bound.length === 0) return;
  throw new TenonError("STACK_INVALID", {
    doing: "starting a detached run",
    found: `the ${bound.map(([kind]) => kind).join(", ")} of stack '${name}' was bound by this program, and the driver's process cannot have it`,
    fix: "Name a flavor in the stack, or run it without detaching.",
  });
}
