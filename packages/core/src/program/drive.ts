import { isLauncher } from "../contracts/orchestrator.js";
import { TenonError } from "../errors.js";
import type { Kernel } from "../kernel/kernel.js";
import { openKernel } from "../kernel/open-kernel.js";
import type { RunSummary } from "../ledger/runs.js";
import { earlierSessions } from "../runtime/earlier-sessions.js";
import { cancelledError, driverName } from "../runtime/session.js";
import { type Bootstrap, type CodePlace, projectOf } from "./bootstrap.js";
import { checkCapabilities } from "./capabilities.js";
import { execute } from "./execute.js";
import { gitState } from "./git-state.js";
import { storeLiterals } from "./literals.js";
import { presentCode } from "./present-code.js";
import { planOfRun } from "./recorded-plan.js";
import { recordCode } from "./source-pins.js";
import { openStores, type Stores } from "./stores.js";
import { driverLives } from "./workers-session.js";

export interface TakeOverOptions {
  readonly signal?: AbortSignal | undefined;
  /** Where other processes find the code, if this one has it from there. */
  readonly codePlace?: CodePlace | undefined;
}

/**
 * Begins a session of a recorded run and drives it to its end, with nothing but what the stack holds and the project's
 * code. What is done stays done; what an engine is doing goes on.
 *
 * @throws `RUN_LEASE_LOST` if somebody else drives it
 */
export async function takeOver(kernel: Kernel, stores: Stores, record: RunSummary, options: TakeOverOptions = {}) {
  const { ledger, stack } = stores;
  const plan = await planOfRun(ledger, record, `resuming run ${record.id}`);
  await checkCapabilities(plan, stack, kernel);
  const literals = await storeLiterals(plan, new Map(), stores);
  const session = await ledger.beginSession(record.id, driverName(), record.session);
  const { orchestrator } = stack;
  const lasting = isLauncher(orchestrator) && orchestrator.lasting === true;
  const earlier = await earlierSessions(ledger, record.id, { lasting });
  const present = await presentCode(plan, kernel.project, new Set(earlier.done.keys()));
  const recorded = recordCode(kernel, ledger, session, present.code, await gitState(kernel.project));
  recorded.catch(() => {});
  const executed = await execute({
    kernel,
    stores,
    ...present,
    digest: record.plan,
    record,
    session: session.number,
    literals,
    earlier,
    ...(options.codePlace && { codePlace: options.codePlace }),
    force: record.cache === false,
    signal: options.signal,
  }).finally(() => recorded);
  return { plan, warnings: present.warnings, executed };
}

/**
 * The work of a detached driver's process. Does nothing if the run has ended, or if another driver has it: an engine may
 * start it again, or twice.
 *
 * @param signal ends the driver, not the run: what goes on in the engine goes on, and the next driver takes over
 */
export async function drive(bootstrap: Bootstrap, { resume = false }, signal: AbortSignal): Promise<void> {
  const kernel = await openKernel(projectOf(bootstrap));
  try {
    const stores = await openStores(kernel, bootstrap.stack);
    const { ledger } = stores;
    const run = await ledger.run(bootstrap.runId);
    if (!run || (run.status !== "running" && !resume) || run.status === "succeeded") return;
    if (run.status === "running" && run.driver !== undefined && (await driverLives(ledger, run.id, run.driver))) return;
    const codePlace = bootstrap.code.kind === "shared" ? bootstrap.code.bundle : undefined;
    // Somebody may have asked to cancel the run before it had a driver.
    const cancelled = run.session === 0 && (await ledger.cancelRequested(run.id, 0));
    const stop = cancelled ? AbortSignal.abort(cancelledError(run.id)) : givesBack(signal, run.id);
    await takeOver(kernel, stores, run, { signal: stop, codePlace }).catch((error: unknown) => {
      if (!TenonError.is(error, "RUN_LEASE_LOST") || signal.aborted) throw error;
    });
  } finally {
    await kernel.dispose();
  }
}

function givesBack(signal: AbortSignal, runId: string): AbortSignal {
  const abort = new AbortController();
  const end = () => {
    const found = "its driver's process was told to end";
    const fix = `Another driver takes it over: tenon run resume ${runId}`;
    abort.abort(new TenonError("RUN_LEASE_LOST", { doing: `driving run ${runId}`, found, fix }));
  };
  if (signal.aborted) end();
  else signal.addEventListener("abort", end, { once: true });
  return abort.signal;
}
