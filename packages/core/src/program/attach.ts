import { setTimeout as sleep } from "node:timers/promises";
import { type Plan, type PlannedStep, plannedStepId } from "../contracts/plan.js";
import type { HookBus } from "../kernel/hook-bus.js";
import type { AttemptSummary } from "../ledger/attempts.js";
import type { Ledger } from "../ledger/ledger.js";
import type { RunSummary } from "../ledger/runs.js";
import { brokeOff, DriverWatch } from "../runtime/driver-watch.js";
import { fromErrorRecord, toErrorRecord } from "../runtime/error-record.js";
import { PulseWatch } from "../runtime/pulse-watch.js";
import { artifactsOf } from "../runtime/recorded-outcome.js";
import { recordedPlan } from "./recorded-plan.js";
import { finish, type SessionOptions, withKernel } from "./run.js";
import type { RunResult } from "./run-result.js";
import { isDone } from "./run-step.js";
import { StepNews } from "./step-news.js";
import { openStores } from "./stores.js";

const FIRST_LOOK_MS = 250;
const LAST_LOOK_MS = 2_000;

/**
 * Follows a run to its end, wherever it is driven and from any machine that has the stack: hooks hear of it as if it were
 * this process'. The signal ends the following, not the run.
 *
 * @throws `RUN_UNKNOWN`; `RUN_BROKE_OFF` if its driver is no more; as `run`, for a run that did not succeed
 */
export async function attach(runId: string, options: SessionOptions = {}): Promise<RunResult> {
  return withKernel(options, async (kernel) => {
    const stores = await openStores(kernel, options.stack, ["artifactStore", "metadataStore"]);
    const { ledger } = stores;
    const { run, plan } = await recordedPlan(ledger, runId, `following run ${runId}`);
    await kernel.hooks.emit("stackResolved", { stack: run.stack.name, components: {} });
    await kernel.hooks.emit("runStarted", { runId, plan, digest: run.plan, resumed: run.session > 1 });
    const ended = await new Following(ledger, run, plan, kernel.hooks).toTheEnd(options.signal);
    const status = ended.status as RunResult["status"];
    const durationMs = ended.durationMs ?? 0;
    await kernel.hooks.emit("runFinished", { runId, status, durationMs });
    const executed = await recordedResult(ledger, ended, plan);
    return finish({ id: runId, plan, digest: run.plan, warnings: [], durationMs }, executed, stores, options);
  });
}

class Following {
  readonly #ledger: Ledger;
  readonly #run: RunSummary;
  readonly #steps: ReadonlyMap<string, PlannedStep>;
  readonly #hooks: HookBus;
  readonly #news: StepNews;
  readonly #pulses: PulseWatch<AttemptSummary>;
  readonly #started = new Set<string>();
  readonly #driver: DriverWatch;

  constructor(ledger: Ledger, run: RunSummary, plan: Plan, hooks: HookBus) {
    this.#ledger = ledger;
    this.#run = run;
    this.#driver = new DriverWatch(ledger);
    this.#steps = new Map(plan.steps.map((step) => [step.id, step]));
    this.#hooks = hooks;
    this.#news = new StepNews({ id: run.id, ledger, hooks, plan }, new Set(), { elements: true });
    this.#pulses = new PulseWatch(ledger, run.id, ({ stepId, number }, message) => {
      const step = this.#stepOf(stepId);
      if (!step || message.type !== "progress") return;
      const { done, total, fields } = message;
      this.#hooks.emit("stepProgress", { runId: run.id, stepId, step, attempt: number, done, total, fields });
    });
  }

  async toTheEnd(signal: AbortSignal | undefined): Promise<RunSummary> {
    for (let wait = FIRST_LOOK_MS; ; wait = Math.min(LAST_LOOK_MS, wait * 1.5)) {
      signal?.throwIfAborted();
      // Before its steps, so that of a run that has ended all of them are told.
      const run = (await this.#ledger.run(this.#run.id)) ?? this.#run;
      await this.#tellOfAttempts();
      await this.#news.tell();
      if (run.status !== "running") return run;
      if (await this.#driver.isGone(run)) throw brokeOff(run);
      await sleep(wait, undefined, { ...(signal && { signal }) });
    }
  }

  async #tellOfAttempts(): Promise<void> {
    const attempts = await this.#ledger.attempts(this.#run.id);
    for (const { stepId, number, end } of attempts) {
      const step = this.#stepOf(stepId);
      const key = `${stepId} ${number}`;
      if (!step || this.#started.has(key)) continue;
      this.#started.add(key);
      if (!end) await this.#hooks.emit("stepStarted", { runId: this.#run.id, stepId, step, attempt: number });
    }
    await this.#pulses.dead(attempts.filter(({ end, work }) => !end && work));
  }

  #stepOf(stepId: string): PlannedStep | undefined {
    return this.#steps.get(plannedStepId(stepId));
  }
}

async function recordedResult(ledger: Ledger, run: RunSummary, plan: Plan): Promise<Parameters<typeof finish>[1]> {
  const records = new Map((await ledger.stepRuns(run.id)).map((step) => [step.stepId, step]));
  const own = plan.steps.flatMap(({ id }) => records.get(id) ?? []);
  return {
    status: run.status as RunResult["status"],
    outputs: await artifactsOf(ledger, own.filter(isDone)),
    failures: own
      .filter(({ status }) => status === "failed")
      .map(({ stepId, error = toErrorRecord(undefined), durationMs }) => ({
        stepId,
        failure: { error: fromErrorRecord(error), record: error, durationMs },
      })),
    steps: new Map(own.map(({ stepId, status }) => [stepId, status])),
  };
}
