import type { ArtifactSummary, Hooks } from "@tenon/core/internal";
import { failureInBrief } from "../terminal/failure.js";
import { duration } from "../terminal/format.js";

export type StepStatus = "running" | "retrying" | "succeeded" | "cached" | "failed" | "skipped" | "cancelled";

/** What is known of a step, or of all elements of a mapped one together. */
export interface StepProgress {
  readonly id: string;
  status: StepStatus;
  /** By the monotonic clock. */
  startedAt: number;
  durationMs: number | undefined;
  done: number | undefined;
  total: number | undefined;
  fields: Readonly<Record<string, string | number>>;
  /** What happened besides: why it was skipped, that it is tried again. */
  remark: string;
  outputs: Readonly<Record<string, ArtifactSummary>>;
  error: Error | undefined;
  /** Elements of a mapped step that have ended, and how many there are. */
  elements: { ended: number; cached: number; failed: number; total: number | undefined } | undefined;
}

/** Who shows the progress of a run. */
export interface ProgressView {
  begin(run: {
    readonly id: string;
    readonly pipeline: string;
    readonly stack: string;
    readonly stepIds: readonly string[];
  }): void;
  /** Something about a running step has changed. */
  update(step: StepProgress): void;
  /** A step, with all its elements, has ended. */
  ended(step: StepProgress): void;
  /** A line that is no step's. */
  remark(text: string): void;
  /** The view gives the terminal back. */
  close(): void;
}

/** Listens to a run's hooks and tells the view. Elements of a mapped step are added up: `fit[3]` counts for `fit`. */
export class RunProgress {
  readonly failed: StepProgress[] = [];
  readonly counts = { succeeded: 0, cached: 0, failed: 0, skipped: 0, cancelled: 0 };
  runId: string | undefined;
  readonly #steps = new Map<string, StepProgress>();
  readonly #view: ProgressView;
  #stack = "";

  constructor(view: ProgressView) {
    this.#view = view;
  }

  /** Returns a function that stops listening. */
  listen(hooks: Hooks): () => void {
    const offs = [
      hooks.on("stackResolved", ({ stack }) => {
        this.#stack = stack;
      }),
      hooks.on("runStarted", ({ runId, plan }) => {
        this.runId = runId;
        const stepIds = plan.steps.map((step) => step.id);
        this.#view.begin({ id: runId, pipeline: plan.pipeline, stack: this.#stack, stepIds });
      }),
      hooks.on("stepStarted", ({ stepId, attempt }) => {
        const step = this.#step(stepId);
        step.status = "running";
        step.remark = attempt > 1 ? `attempt ${attempt}` : "";
        this.#view.update(step);
      }),
      hooks.on("stepMapped", ({ stepId, elements: total, done }) => {
        const step = this.#step(stepId);
        step.elements = { ended: done, cached: 0, failed: 0, total };
        this.#view.update(step);
      }),
      hooks.on("stepProgress", ({ stepId, done, total, fields }) => {
        const step = this.#step(stepId);
        Object.assign(step, step.elements ? { fields } : { done, total, fields });
        this.#view.update(step);
      }),
      hooks.on("stepRetrying", ({ stepId, attempt, delayMs, error }) => {
        const step = this.#step(stepId);
        step.status = "retrying";
        step.remark = `attempt ${attempt} failed (${failureInBrief(error)}), trying again in ${duration(delayMs)}`;
        this.#view.update(step);
      }),
      hooks.on("stepCached", ({ stepId, outputs }) => this.#end(stepId, "cached", { outputs })),
      hooks.on("stepFinished", ({ stepId, outputs, durationMs }) =>
        this.#end(stepId, "succeeded", { outputs, durationMs }),
      ),
      hooks.on("stepFailed", ({ stepId, error, durationMs }) => this.#end(stepId, "failed", { error, durationMs })),
      hooks.on("stepSkipped", ({ stepId, because }) => this.#end(stepId, "skipped", { remark: because })),
    ];
    return () => {
      for (const off of offs) off();
    };
  }

  /** The run is over: what has not come to an end by itself was cancelled. */
  close(): void {
    for (const step of this.#steps.values()) {
      step.status = "cancelled";
      step.durationMs = performance.now() - step.startedAt;
      this.counts.cancelled += 1;
      this.#view.ended(step);
    }
    this.#steps.clear();
    this.#view.close();
  }

  /** The run goes on, and is not watched any more. */
  leave(): void {
    this.#steps.clear();
    this.#view.close();
  }

  #end(stepId: string, status: "succeeded" | "cached" | "failed" | "skipped", changes: Partial<StepProgress>): void {
    const step = this.#step(stepId);
    if (isElement(stepId)) {
      const { elements } = step;
      if (!elements) return;
      elements.ended += 1;
      if (status === "cached") elements.cached += 1;
      if (status === "failed") {
        elements.failed += 1;
        this.failed.push({ ...step, id: stepId, status, error: changes.error });
      }
      this.#view.update(step);
      return;
    }
    Object.assign(step, { durationMs: performance.now() - step.startedAt, ...changes, status });
    this.counts[status] += 1;
    // An element that failed has been noted already, with its own error.
    if (status === "failed" && !step.elements?.failed) this.failed.push(step);
    this.#steps.delete(step.id);
    this.#view.ended(step);
  }

  #step(stepId: string): StepProgress {
    const id = isElement(stepId) ? stepId.slice(0, stepId.lastIndexOf("[")) : stepId;
    let step = this.#steps.get(id);
    if (!step) {
      step = {
        id,
        status: "running",
        startedAt: performance.now(),
        durationMs: undefined,
        done: undefined,
        total: undefined,
        fields: {},
        remark: "",
        outputs: {},
        error: undefined,
        elements: undefined,
      };
      this.#steps.set(id, step);
    }
    if (isElement(stepId)) step.elements ??= { ended: 0, cached: 0, failed: 0, total: undefined };
    return step;
  }
}

function isElement(stepId: string): boolean {
  return stepId.endsWith("]");
}
