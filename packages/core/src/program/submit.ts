import { setMaxListeners } from "node:events";
import type { RunStatus } from "../contracts/hooks.js";
import type { Orchestrator, RunHandle, StepProcess } from "../contracts/orchestrator.js";
import { TenonError } from "../errors.js";
import type { StepRunRecord } from "../ledger/records.js";
import type { DriverResult, StepStatus } from "../runtime/driver.js";
import { fromErrorRecord, toErrorRecord } from "../runtime/error-record.js";
import { neededBy } from "../runtime/graph.js";
import { modelsOfRun } from "../runtime/models-of-run.js";
import { artifactsOf } from "../runtime/recorded-outcome.js";
import { isLoss } from "../runtime/session.js";
import { readStepLogs } from "../runtime/step-log.js";
import { bootstrapProcess, sharedCode } from "./bootstrap.js";
import type { Execution } from "./execute.js";
import { isDone, runStep, skip } from "./run-step.js";
import { StepNews } from "./step-news.js";
import { runContext } from "./surroundings.js";

const CANCEL_GRACE_MS = 15_000;

/**
 * Has an engine that takes whole plans carry out a run, and reads in the ledger what came of it.
 *
 * @throws `ORCHESTRATOR_FAILED`
 */
export async function submit(
  execution: Execution,
  orchestrator: Orchestrator,
  signal: AbortSignal,
): Promise<DriverResult> {
  const { kernel, stores, plan, digest, record, earlier } = execution;
  const context = runContext(execution, await modelsOfRun(stores.ledger, record.id, plan));
  const news = new StepNews(context, new Set(earlier?.done.keys()));
  const stop = orchestrator.capabilities.remote ? news.watch() : undefined;
  // An engine learns of a failure when its step has ended; nothing may start in between.
  let stopped = false;
  const untap = kernel.hooks.on("stepFailed", {
    order: "pre",
    handler: ({ runId, stepId, step }) => {
      stopped ||= plan.onFailure === "stop" && runId === record.id && stepId === step.id;
    },
  });
  const steps = new StepSignals(signal);
  let status: RunStatus;
  try {
    const handle = await orchestrator.submit({
      runId: record.id,
      plan,
      planDigest: digest,
      done: new Set(earlier?.done.keys()),
      signal,
      process: (stepId) => stepProcess(execution, stepId),
      runStep: async (stepId, own) => {
        if (stopped) return "skipped";
        return steps.during(own, (either) => runStep({ ...execution, signal: either }, stepId));
      },
    });
    status = await ended(handle, signal);
    if (isLoss(signal.reason)) throw signal.reason;
    if (orchestrator.capabilities.remote) await keepLogs(handle, execution, context);
  } catch (cause) {
    if (isLoss(signal.reason)) throw signal.reason;
    throw failed(record.id, cause instanceof Error ? cause.message : String(cause), cause);
  } finally {
    untap();
    steps.release();
    await stop?.();
  }
  const result = await recorded(execution, context, signal.aborted ? "cancelled" : status);
  if (orchestrator.capabilities.remote) await news.tell();
  return result;
}

/**
 * Gives each step a signal that aborts with the run's or the engine's own, for the reason of the run's if that is aborted,
 * too: an engine passes on that it is. The run's is listened to once, however many steps there are.
 */
class StepSignals {
  readonly #run: AbortSignal;
  readonly #open = new Set<AbortController>();
  readonly #end = () => {
    for (const one of this.#open) one.abort(this.#run.reason);
  };

  constructor(run: AbortSignal) {
    this.#run = run;
    run.addEventListener("abort", this.#end, { once: true });
  }

  async during<T>(own: AbortSignal | undefined, work: (either: AbortSignal) => Promise<T>): Promise<T> {
    const abort = new AbortController();
    const end = () => abort.abort(this.#run.aborted ? this.#run.reason : own?.reason);
    if (this.#run.aborted || own?.aborted) end();
    this.#open.add(abort);
    // An engine may give one signal to all steps.
    if (own) setMaxListeners(0, own);
    own?.addEventListener("abort", end, { once: true });
    try {
      return await work(abort.signal);
    } finally {
      this.#open.delete(abort);
      own?.removeEventListener("abort", end);
    }
  }

  release(): void {
    this.#run.removeEventListener("abort", this.#end);
  }
}

function stepProcess(
  { kernel, stores, record, digest, session, force, codePlace }: Execution,
  stepId: string,
): StepProcess {
  const { project } = kernel;
  const bootstrap = {
    project: project.name,
    stack: stores.stack.record,
    runId: record.id,
    plan: digest,
    code: codePlace ?? sharedCode(project),
    task: { do: "step", stepId, session, force: force ?? false } as const,
  };
  return bootstrapProcess(bootstrap, project.code);
}

/** An engine that pays no heed to a cancellation is not waited for. */
async function ended(handle: RunHandle, signal: AbortSignal): Promise<RunStatus> {
  let timer: NodeJS.Timeout | undefined;
  const cancelled = new Promise<RunStatus>((resolve, reject) => {
    const cancel = () => {
      timer = setTimeout(() => resolve("cancelled"), CANCEL_GRACE_MS);
      handle.cancel().catch(reject);
    };
    if (signal.aborted) cancel();
    else signal.addEventListener("abort", cancel, { once: true });
  });
  try {
    return await Promise.race([handle.wait(), cancelled]);
  } finally {
    clearTimeout(timer);
  }
}

/** What the steps wrote, as far as it is not here already. */
async function keepLogs(
  handle: RunHandle,
  { kernel, plan, record }: Execution,
  { appendToLog }: ReturnType<typeof runContext>,
): Promise<void> {
  const here = new Set((await readStepLogs(kernel.project.stateDirectory, record.id)).map(({ stepId }) => stepId));
  for (const { id } of plan.steps) {
    if (here.has(id)) continue;
    let text = "";
    for await (const line of handle.logs(id)) text += `${line}\n`;
    if (text !== "") appendToLog({ id }, 1, text);
  }
}

/** The ledger says how the steps came out; about those of which it says nothing, the reason is put on record. */
async function recorded(
  { stores: { ledger }, plan, record }: Execution,
  context: ReturnType<typeof runContext>,
  status: RunStatus,
): Promise<DriverResult> {
  const records = new Map((await ledger.stepRuns(record.id)).map((step) => [step.stepId, step]));
  const steps = new Map<string, StepStatus>();
  const failures: { stepId: string; failure: DriverResult["failures"][number]["failure"] }[] = [];
  const add = (
    stepId: string,
    { error = toErrorRecord(undefined), durationMs }: Pick<StepRunRecord, "error" | "durationMs">,
  ) => failures.push({ stepId, failure: { error: fromErrorRecord(error), record: error, durationMs } });
  for (const step of plan.steps) {
    const one = records.get(step.id);
    if (one) {
      steps.set(step.id, one.status);
      if (one.status === "failed") add(step.id, one);
      continue;
    }
    steps.set(step.id, "skipped");
    const culprit = [...neededBy(step)].find((id) => !isDone(records.get(id)));
    await skip(context, step, culprit ? `step '${culprit}' ${steps.get(culprit)}` : because(status));
    if (status === "succeeded" && !culprit) {
      add(step.id, {
        error: toErrorRecord(failed(record.id, `it says that it is done, and has not run '${step.id}'`)),
        durationMs: 0,
      });
    }
  }
  if (status === "running" || (status === "failed" && failures.length === 0)) {
    throw failed(record.id, `the engine says of its run that it is ${status}, and no step says why`);
  }
  const end = failures.length > 0 && status === "succeeded" ? "failed" : status;
  return { status: end, outputs: await artifactsOf(ledger, [...records.values()].filter(isDone)), failures, steps };
}

function because(status: RunStatus): string {
  return status === "cancelled" ? "the run was cancelled" : "the orchestrator did not start it";
}

function failed(runId: string, found: string, cause?: unknown): TenonError {
  return new TenonError("ORCHESTRATOR_FAILED", {
    doing: `having run ${runId} carried out`,
    found,
    fix: `When the orchestrator is in order again: tenon run resume ${runId}`,
    ...(cause !== undefined && { cause }),
  });
}
