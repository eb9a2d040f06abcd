import { setTimeout as sleep } from "node:timers/promises";
import type { StepEnd } from "../contracts/orchestrator.js";
import type { Claim } from "../ledger/claims.js";
import { lookMs, Watch } from "../runtime/lease.js";
import { driverAlive, driverName, isLoss } from "../runtime/session.js";
import { Heartbeat } from "./heartbeat.js";
import { runStep, type StepExecution } from "./run-step.js";

/** How a step came out for a worker; `superseded`: another worker was faster, and what this one had made is gone. */
export type TakenStep = StepEnd | "superseded";

/**
 * Carries out a step that other workers may take at the same time. Only one at a time has it; a worker that has stopped
 * giving signs of life loses it.
 *
 * @param claim of this worker
 */
export async function runClaimed(execution: StepExecution, claim: Claim): Promise<TakenStep> {
  const { kernel, stores, session, signal } = execution;
  const { ledger, stack } = stores;
  const { runId, stepId, number } = claim;
  const heart = new Heartbeat({
    project: kernel.project,
    stack: stack.record,
    place: { of: "claim", runId, stepId, number },
    session,
  });
  const hooks = execution.hooks ?? kernel.hooks;
  const untap = hooks.on("stepProgress", (context) => {
    if (context.runId === runId) heart.progress(context);
  });
  try {
    const ended = await runStep(
      {
        ...execution,
        signal: signal ? AbortSignal.any([signal, heart.signal]) : heart.signal,
        onLog: (log) => heart.follow(log),
      },
      stepId,
    );
    return (await ledger.claims.holds(claim)) ? ended : "superseded";
  } catch (error) {
    if (heart.signal.aborted && isLoss(error)) return "superseded";
    throw error;
  } finally {
    untap();
    await heart.stop(ledger);
    await ledger.claims.release(claim);
  }
}

/** Watches claims of other workers, to take those over whose holders are dead. */
export class ClaimWatch {
  readonly #watches = new Map<string, { readonly number: number; readonly watch: Watch }>();

  /** True if the holder of a claim is dead. To be called every `lookMs` as long as it is held. */
  async isDead({ stores: { ledger } }: Pick<StepExecution, "stores">, claim: Claim): Promise<boolean> {
    if (driverAlive(claim.worker) === false) return true;
    const known = this.#watches.get(claim.stepId);
    const watch = known?.number === claim.number ? known.watch : new Watch();
    this.#watches.set(claim.stepId, { number: claim.number, watch });
    const [pulse] = await ledger.pulses.read([{ of: "claim", ...claim }]);
    return watch.look(pulse);
  }
}

/** Has one step carried out, by this worker or another one that has it already. */
export async function takeStep(execution: StepExecution, stepId: string): Promise<TakenStep> {
  const { stores, record, signal } = execution;
  const { ledger } = stores;
  const watch = new ClaimWatch();
  let lost: Claim | undefined;
  for (;;) {
    signal?.throwIfAborted();
    const answer = await ledger.claims.take(record.id, stepId, driverName(), lost);
    if (answer.mine) return runClaimed(execution, answer.claim);
    lost = (await watch.isDead(execution, answer.claim)) ? answer.claim : undefined;
    if (!lost) await sleep(lookMs, undefined, { ...(signal && { signal }) });
  }
}
