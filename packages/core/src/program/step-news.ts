import { type Plan, plannedStepId } from "../contracts/plan.js";
import type { StepRunRecord } from "../ledger/records.js";
import { fromErrorRecord } from "../runtime/error-record.js";
import { artifactsOf } from "../runtime/recorded-outcome.js";
import type { RunContext } from "../runtime/run-context.js";
import { artifactSummaries } from "../runtime/summary.js";

const LOOK_MS = 2_000;

type Heard = Pick<RunContext, "id" | "ledger" | "hooks" | "plan">;

/** Tells hooks of steps that an engine runs elsewhere, as the ledger gets to know how they came out. */
export class StepNews {
  readonly #run: Heard;
  readonly #told: Set<string>;
  readonly #elements: boolean;
  readonly #steps: ReadonlyMap<string, Plan["steps"][number]>;

  /** @param options.elements whether to tell of the elements of maps, too */
  constructor(run: Heard, told: ReadonlySet<string>, { elements = false }: { readonly elements?: boolean } = {}) {
    this.#run = run;
    this.#elements = elements;
    this.#told = new Set(told);
    this.#steps = new Map(run.plan.steps.map((step) => [step.id, step]));
  }

  /** Looks now and then, until the returned function is called. */
  watch(): () => Promise<void> {
    let looking: Promise<void> = Promise.resolve();
    let stopped = false;
    let timer: NodeJS.Timeout;
    const schedule = () => {
      timer = setTimeout(() => {
        looking = this.tell().then(
          () => stopped || schedule(),
          () => stopped || schedule(),
        ) as Promise<void>;
      }, LOOK_MS);
    };
    schedule();
    return async () => {
      stopped = true;
      clearTimeout(timer);
      await looking;
    };
  }

  #stepOf(stepId: string): Plan["steps"][number] | undefined {
    return this.#steps.get(this.#elements ? plannedStepId(stepId) : stepId);
  }

  /** What nobody was told yet. */
  async tell(): Promise<void> {
    const { id: runId, ledger, hooks } = this.#run;
    const fresh = (await ledger.stepRuns(runId))
      .filter(({ stepId }) => !this.#told.has(stepId) && this.#stepOf(stepId) !== undefined)
      // Of a map that has ended nobody wants to hear of elements.
      .filter(({ stepId }) => !this.#told.has(plannedStepId(stepId)))
      .sort((a, b) => Number(plannedStepId(a.stepId) === a.stepId) - Number(plannedStepId(b.stepId) === b.stepId));
    const artifacts = await artifactsOf(ledger, fresh);
    for (const one of fresh) {
      this.#told.add(one.stepId);
      await this.#tellOf(one, artifactSummaries(artifacts.get(one.stepId) ?? {}), hooks);
    }
  }

  async #tellOf(
    { stepId, status, attempt, durationMs, error, cachedFrom, because }: StepRunRecord,
    outputs: ReturnType<typeof artifactSummaries>,
    hooks: RunContext["hooks"],
  ): Promise<void> {
    const step = this.#stepOf(stepId) as Plan["steps"][number];
    const at = { runId: this.#run.id, stepId, step };
    if (status === "cached") await hooks.emit("stepCached", { ...at, outputs, fromRun: cachedFrom ?? "" });
    else if (status === "succeeded") await hooks.emit("stepFinished", { ...at, attempt, durationMs, outputs });
    else if (status === "failed" && error) {
      await hooks.emit("stepFailed", { ...at, attempt, durationMs, error: fromErrorRecord(error) });
    } else if (status === "skipped") await hooks.emit("stepSkipped", { ...at, because: because ?? "" });
  }
}
