import { setTimeout as sleep } from "node:timers/promises";
import { nearestName } from "../contracts/nearest.js";
import type { Plan, PlannedStep } from "../contracts/plan.js";
import { TenonError } from "../errors.js";
import type { Claim } from "../ledger/claims.js";
import type { StepRunRecord } from "../ledger/records.js";
import type { RunSummary } from "../ledger/runs.js";
import { neededBy } from "../runtime/graph.js";
import { lookMs } from "../runtime/lease.js";
import { driverAlive, driverName, workers } from "../runtime/session.js";
import { StepRecords } from "../runtime/step-records.js";
import { finishWorkersRun, settledSteps } from "./finish-workers-run.js";
import { storeLiterals } from "./literals.js";
import { presentCode } from "./present-code.js";
import { recordedPlan } from "./recorded-plan.js";
import { type SessionOptions, withKernel } from "./run.js";
import type { StepExecution } from "./run-step.js";
import { openStores, type Stores } from "./stores.js";
import { ClaimWatch, runClaimed, type TakenStep, takeStep } from "./take-step.js";
import { refuseInWorker } from "./worker-flag.js";
import { workersSession } from "./workers-session.js";

export interface StepRunOptions extends SessionOptions {
  /** Told of each step that this worker has had. */
  readonly onStep?: (stepId: string, end: TakenStep) => void;
}

/** What a worker has done: the steps that it had, and how they came out. */
export type StepsTaken = ReadonlyMap<string, TakenStep>;

/**
 * Carries out steps of a recorded run, as one of perhaps many workers that share nothing but the stack: the one that is
 * named, or one after the other whatever is ready, until there is nothing left to do.
 *
 * @throws `RUN_UNKNOWN`, `STEP_UNKNOWN`, `RUN_ACTIVE` if a driver has the run, `STEP_NOT_READY`, `CODE_DIFFERENT`
 */
export async function runSteps(
  runId: string,
  stepId: string | undefined,
  options: StepRunOptions = {},
): Promise<StepsTaken> {
  refuseInWorker(`running steps of run ${runId}`);
  return withKernel(options, async (kernel) => {
    const stores = await openStores(kernel, options.stack, ["artifactStore", "metadataStore"]);
    const worker = await StepWorker.open(kernel, stores, runId, options);
    return stepId === undefined ? worker.takeAll() : worker.takeOne(stepId);
  });
}

class StepWorker {
  readonly #taken = new Map<string, TakenStep>();
  readonly #steps: ReadonlyMap<string, PlannedStep>;
  readonly #signal: AbortSignal;

  private constructor(
    private readonly kernel: StepExecution["kernel"],
    private readonly stores: Stores,
    private readonly run: RunSummary,
    private readonly plan: Plan,
    private readonly session: number,
    private readonly options: StepRunOptions,
  ) {
    this.#signal = toldToEnd(options.signal, run.id);
    this.#steps = new Map(plan.steps.map((step) => [step.id, step]));
  }

  static async open(
    kernel: StepExecution["kernel"],
    stores: Stores,
    runId: string,
    options: StepRunOptions,
  ): Promise<StepWorker> {
    const { ledger } = stores;
    const { run, plan } = await recordedPlan(ledger, runId, `running steps of run ${runId}`);
    const session = await workersSession(ledger, run);
    return new StepWorker(kernel, stores, run, plan, session, options);
  }

  async takeOne(stepId: string): Promise<StepsTaken> {
    const step = this.#steps.get(stepId);
    if (!step) throw this.#unknown(stepId);
    const settled = await this.#settled();
    const awaited = [...neededBy(step)].filter((id) => !settled.has(id));
    if (awaited.length > 0) throw this.#notReady(stepId, awaited);
    this.#note(stepId, await takeStep(await this.#execution(step), stepId));
    await this.#finish();
    return this.#taken;
  }

  /** Whatever is ready and not in other hands; waits for the others, and takes over from those that die. */
  async takeAll(): Promise<StepsTaken> {
    const { claims } = this.stores.ledger;
    const watch = new ClaimWatch();
    const dead = new Map<string, Claim>();
    for (;;) {
      this.#signal.throwIfAborted();
      const settled = await this.#settled();
      const open = this.plan.steps.filter(({ id }) => !settled.has(id));
      if (open.length === 0) break;
      const because = await this.#reasonToStop(settled);
      if (because !== undefined && (await this.#skip(open, because)) === 0) {
        await sleep(Math.min(lookMs, 1_000), undefined, { signal: this.#signal });
      }
      if (because !== undefined) continue;
      const ready = open.filter((step) => [...neededBy(step)].every((id) => settled.has(id)));
      let had = false;
      for (const { id } of ready) {
        const answer = await claims.take(this.run.id, id, driverName(), dead.get(id));
        dead.delete(id);
        if (answer.mine) {
          had = true;
          // Another may have had it, and failed, since it was looked at.
          if (answer.claim.number > 1 && (await this.#settled()).has(id)) await claims.release(answer.claim);
          else
            this.#note(id, await runClaimed(await this.#execution(this.#steps.get(id) as PlannedStep), answer.claim));
          break;
        }
        if (await watch.isDead({ stores: this.stores }, answer.claim)) dead.set(id, answer.claim);
      }
      if (!had && dead.size === 0) await sleep(Math.min(lookMs, 1_000), undefined, { signal: this.#signal });
    }
    await this.#finish();
    return this.#taken;
  }

  #settled(): ReturnType<typeof settledSteps> {
    return settledSteps(this.stores.ledger, this.run.id, this.session);
  }

  async #reasonToStop(settled: ReadonlyMap<string, StepRunRecord>): Promise<string | undefined> {
    const failed = this.plan.steps.find(({ id }) => settled.get(id)?.status === "failed");
    if (failed && this.plan.onFailure === "stop") {
      return `step '${failed.id}' failed, and the pipeline stops at the first failure`;
    }
    const cancelled = await this.stores.ledger.cancelRequested(this.run.id, this.session);
    return cancelled ? "the run was cancelled" : undefined;
  }

  /** Those that nobody has in hands. Returns how many. */
  async #skip(steps: readonly PlannedStep[], because: string): Promise<number> {
    const { ledger } = this.stores;
    const records = new StepRecords({ id: this.run.id, ledger, session: this.session });
    let skipped = 0;
    for (const { id: stepId } of steps) {
      const { claim, ended } = (await ledger.claims.latest(this.run.id, stepId)) ?? {};
      if (claim && !ended && driverAlive(claim.worker) !== false) continue;
      const answer = await ledger.claims.take(this.run.id, stepId, driverName(), ended ? undefined : claim);
      if (!answer.mine) continue;
      records.skipped(stepId, because);
      await records.flush();
      await ledger.claims.release(answer.claim);
      skipped += 1;
    }
    return skipped;
  }

  /** Everything that one step needs. @throws `CODE_DIFFERENT` */
  async #execution(step: PlannedStep): Promise<StepExecution> {
    const { kernel, stores, plan, run, session } = this;
    const part = { ...plan, steps: [step] };
    const present = await presentCode(part, kernel.project, new Set());
    const found = present.plan.steps[0]?.fingerprint;
    if (step.fingerprint !== undefined && found !== step.fingerprint) throw this.#different(step, found);
    return {
      kernel,
      stores,
      plan,
      digest: run.plan,
      record: run,
      session,
      literals: await storeLiterals(part, new Map(), stores),
      steps: present.steps,
      force: run.cache === false,
      signal: this.#signal,
    };
  }

  #note(stepId: string, end: TakenStep): void {
    this.#taken.set(stepId, end);
    this.options.onStep?.(stepId, end);
  }

  async #finish(): Promise<void> {
    const { driver } = (await this.stores.ledger.latestSession(this.run.id)) ?? {};
    if (driver === workers) await finishWorkersRun(this.stores.ledger, this.run, this.plan, this.session);
  }

  #unknown(stepId: string): TenonError {
    const known = [...this.#steps.keys()];
    const near = nearestName(stepId, known);
    return new TenonError("STEP_UNKNOWN", {
      doing: `running step '${stepId}' of run ${this.run.id}`,
      found: `its plan has ${known.slice(0, 20).join(", ")}${known.length > 20 ? ` and ${known.length - 20} more` : ""}`,
      ...(near !== undefined && { fix: `Did you mean '${near}'?` }),
    });
  }

  #notReady(stepId: string, awaited: readonly string[]): TenonError {
    return new TenonError("STEP_NOT_READY", {
      doing: `running step '${stepId}' of run ${this.run.id}`,
      found: `it takes what ${awaited.map((id) => `'${id}'`).join(", ")} has not made yet`,
      fix: `Run that first, or leave the step out to run whatever is ready: tenon step run ${this.run.id}`,
    });
  }

  #different(step: PlannedStep, found: string | undefined): TenonError {
    return new TenonError("CODE_DIFFERENT", {
      doing: `running step '${step.id}' of run ${this.run.id} in ${this.kernel.project.code}`,
      found: `the plan's code is ${step.fingerprint}, and here it ${found === undefined ? "was not found" : `is ${found}`}`,
      fix: "Bring this copy of the project to the state from which the run was made, packages included.",
    });
  }
}

/** Ending a worker ends no run: what it had is left to others. */
function toldToEnd(signal: AbortSignal | undefined, runId: string): AbortSignal {
  const abort = new AbortController();
  const end = () => {
    const found = "the worker was told to end";
    abort.abort(
      new TenonError("STEP_GIVEN_BACK", {
        doing: `running steps of run ${runId}`,
        found,
        fix: "Another worker can take them.",
      }),
    );
  };
  if (signal?.aborted) end();
  else signal?.addEventListener("abort", end, { once: true });
  return abort.signal;
}
