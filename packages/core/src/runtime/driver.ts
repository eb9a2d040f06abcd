import type { PlannedStep } from "../contracts/plan.js";
import { Attempts } from "./attempts.js";
import { type CacheKey, cacheKey } from "./cache-key.js";
import { CacheLookup, type Hit } from "./cache-lookup.js";
import type { DriverOptions, DriverResult, StepStatus } from "./driver-options.js";
import { toErrorRecord } from "./error-record.js";
import { PlanGraph } from "./graph.js";
import { elementInputs, type MapStep, mapCommit, mapFailure, newMap } from "./map-step.js";
import { Orphans } from "./orphans.js";
import { withOwnNames } from "./own-names.js";
import {
  digestsOf,
  type InputSources,
  type ResolvedInputs,
  type ResolvedReference,
  resolveInputs,
} from "./resolve-inputs.js";
import { ReferenceResolver } from "./resolve-references.js";
import type { RunContext } from "./run-context.js";
import { isLoss } from "./session.js";
import { StepRecords } from "./step-records.js";
import { artifactSummaries } from "./summary.js";
import type { Artifacts, Failure, Work, WorkResult } from "./work.js";

export type { DriverOptions, DriverResult, StepStatus };

const BATCH = 256;

/** Walks the graph of a plan: decides what is cached, hands the rest to the launcher, and records what comes of it. */
export class Driver {
  readonly #run: RunContext;
  readonly #options: DriverOptions;
  readonly #graph: PlanGraph;
  readonly #attempts: Attempts;
  readonly #orphans: Orphans;
  readonly #cache: CacheLookup;
  readonly #records: StepRecords;
  readonly #outputs = new Map<string, Artifacts>();
  readonly #steps = new Map<string, StepStatus>();
  readonly #failures: { stepId: string; failure: Failure }[] = [];
  readonly #sources: InputSources;
  readonly #references: ReferenceResolver;
  readonly #referenced = new Map<string, ResolvedReference>();
  #ready: number[] = [];
  #stopping: string | undefined;
  #cancelled = false;

  constructor(run: RunContext, options: DriverOptions) {
    this.#run = run;
    this.#options = options;
    this.#graph = new PlanGraph(run.plan);
    this.#attempts = new Attempts(run, options.launcher);
    this.#orphans = new Orphans(run, options.launcher, options.orphans);
    this.#cache = new CacheLookup(run);
    this.#records = new StepRecords(run);
    this.#references = new ReferenceResolver(run);
    this.#sources = {
      output: (step, output) => (this.#outputs.get(step) ?? options.upstream?.get(step))?.[output],
      literal: ({ artifact, digest }) => options.literals.get(`${artifact}@${digest}`),
      reference: (key) => this.#referenced.get(key),
    };
  }

  /** @throws whatever makes it impossible to go on: a store that fails, a launcher that fails, a lease that is lost. */
  async drive(): Promise<DriverResult> {
    const { signal } = this.#options;
    let cancelling: Promise<unknown> | undefined;
    const cancel = () => {
      if (isLoss(signal.reason)) return this.#attempts.fail(signal.reason);
      this.#cancelled = true;
      this.#stopping = "the run was cancelled";
      cancelling = Promise.all([this.#attempts.cancel(), this.#orphans.giveUpRest()]);
      cancelling.catch((error: unknown) => this.#attempts.fail(error));
    };
    if (signal.aborted) cancel();
    else signal.addEventListener("abort", cancel, { once: true });
    try {
      await this.#cache.open();
      if (!this.#options.force && !this.#options.upstream) await this.#cache.prefetch();
      this.#graph.waiting.forEach((count, place) => {
        if (count === 0) this.#ready.push(place);
      });
      await this.#walk();
      await cancelling;
      await this.#orphans.giveUpRest();
      await this.#giveUpRest();
      await this.#records.flush();
    } catch (error) {
      await (isLoss(error) ? this.#attempts.abandon() : this.#attempts.cancel()).catch(() => {});
      throw error;
    } finally {
      signal.removeEventListener("abort", cancel);
    }
    const status = this.#cancelled ? "cancelled" : this.#failures.length > 0 ? "failed" : "succeeded";
    return { status, outputs: this.#outputs, failures: this.#failures, steps: this.#steps };
  }

  async #walk(): Promise<void> {
    for (;;) {
      while (this.#ready.length > 0 && this.#stopping === undefined) await this.#start(this.#ready.splice(0, BATCH));
      if (this.#attempts.idle) return;
      this.#records.flushSoon();
      for (const { work, result } of await this.#attempts.next()) await this.#settle(work, result);
    }
  }

  /** Decides for steps whose turn it is: done already, cached, or to be run. */
  async #start(places: readonly number[]): Promise<void> {
    const open: { place: number; step: PlannedStep; inputs: ResolvedInputs; cache: CacheKey | undefined }[] = [];
    for (const place of places) {
      const step = this.#graph.steps[place] as PlannedStep;
      const done = this.#options.done?.get(step.id);
      if (done) {
        this.#succeed(place, done.artifacts, done.step.status);
        continue;
      }
      await this.#run.hooks.emit("stepStarting", { runId: this.#run.id, stepId: step.id, step });
      let inputs: ResolvedInputs;
      try {
        for (const [key, found] of await this.#references.ofStep(step)) this.#referenced.set(key, found);
        inputs = resolveInputs(step, this.#sources);
      } catch (error) {
        await this.#fail({ place, step, inputs: {}, attempt: 0 }, failure(error));
        continue;
      }
      const cache = cacheKey(step, digestsOf(inputs), this.#options);
      const hit = this.#options.force ? undefined : this.#cache.expected({ cache, policy: step.settings.cache });
      if (hit) await this.#cached(place, step.id, inputs, cache as CacheKey, hit);
      else open.push({ place, step, inputs, cache });
    }
    const hits = await this.#find(open);
    for (const [index, { place, step, inputs, cache }] of open.entries()) {
      const hit = hits[index];
      if (hit) await this.#cached(place, step.id, inputs, cache as CacheKey, hit);
      else if (step.mapped) await this.#startMap(place, step, inputs, cache);
      else await this.#submit({ id: step.id, place, step, inputs, cache, attempt: this.#earlier(step.id), tries: 0 });
    }
  }

  /** What is under way already is not launched again. */
  async #submit(work: Work): Promise<void> {
    const orphan = await this.#orphans.of(work);
    if (orphan) this.#attempts.adopt(work, orphan);
    else this.#attempts.submit(work);
  }

  async #find(
    open: readonly { readonly step: PlannedStep; readonly cache: CacheKey | undefined }[],
  ): Promise<(Hit | undefined)[]> {
    if (this.#options.force || open.length === 0) return [];
    return this.#cache.find(open.map(({ step, cache }) => ({ cache, policy: step.settings.cache })));
  }

  async #cached(place: number, id: string, inputs: ResolvedInputs, cache: CacheKey, found: Hit): Promise<void> {
    const step = this.#graph.steps[place] as PlannedStep;
    const hit = id === step.id ? await withOwnNames(this.#run, step, found) : found;
    this.#records.cached(id, inputs, cache, hit, this.#run.models(step));
    const at = { runId: this.#run.id, stepId: id, step, fromRun: hit.fromRun };
    await this.#run.hooks.emit("stepCached", { ...at, outputs: artifactSummaries(hit.artifacts) });
    if (id === step.id) this.#succeed(place, hit.artifacts, "cached");
  }

  async #startMap(
    place: number,
    step: PlannedStep,
    inputs: ResolvedInputs,
    cache: CacheKey | undefined,
  ): Promise<void> {
    let elements: ResolvedInputs[];
    try {
      elements = await elementInputs(this.#run, step, inputs, this.#sources);
    } catch (error) {
      return this.#fail({ place, step, inputs, attempt: 0 }, failure(error));
    }
    const map = newMap(place, step, inputs, cache, elements.length);
    const open: Work[] = [];
    for (const [index, own] of elements.entries()) {
      const id = `${step.id}[${index}]`;
      const done = this.#options.done?.get(id);
      if (done) {
        map.results[index] = done.step.elements ?? {};
        map.remaining -= 1;
        continue;
      }
      const key = cacheKey(step, digestsOf(own), { types: this.#options.types, element: true });
      const attempt = this.#earlier(id);
      open.push({ id, place, step, inputs: own, cache: key, element: { map, index }, attempt, tries: 0 });
    }
    const mapped = { elements: elements.length, done: elements.length - open.length };
    await this.#run.hooks.emit("stepMapped", { runId: this.#run.id, stepId: step.id, step, ...mapped });
    const hits = await this.#find(open);
    for (const [index, work] of open.entries()) {
      const hit = hits[index];
      if (!hit) {
        await this.#submit(work);
        continue;
      }
      await this.#cached(place, work.id, work.inputs, work.cache as CacheKey, hit);
      map.results[work.element?.index as number] = hit.elements ?? {};
      map.remaining -= 1;
    }
    if (map.remaining === 0) await this.#finishMap(map);
  }

  async #settle(work: Work, result: WorkResult): Promise<void> {
    const { step, place, element } = work;
    if (result.kind === "committed") {
      if (this.#options.launcher.capabilities.remote && work.cache) {
        this.#run.ledger.noteCacheKey(this.#run.id, work.cache.key);
      }
      await this.#finished(work.id, step, work.attempt, result.step.durationMs, result.artifacts);
      if (!element) return this.#succeed(place, result.artifacts, "succeeded");
      element.map.results[element.index] = result.step.elements ?? {};
    } else if (result.kind === "failed") {
      if (!element) return this.#fail(work, result);
      await this.#emitFailed(work, result);
      this.#records.failed(work, result);
      element.map.failures.push({ id: work.id, failure: result });
    } else if (result.kind === "cancelled") {
      this.#records.cancelled(work);
      if (!element) {
        this.#steps.set(step.id, "cancelled");
        return;
      }
      element.map.cancelled = true;
    } else {
      if (!element) return;
      element.map.cancelled = true;
      this.#records.skipped(work.id, this.#stopping ?? "the run ended");
    }
    element.map.remaining -= 1;
    if (element.map.remaining === 0) await this.#finishMap(element.map);
  }

  async #finishMap(map: MapStep): Promise<void> {
    const { place, step, inputs } = map;
    if (map.failures.length > 0) return this.#fail({ place, step, inputs, attempt: 0 }, failure(mapFailure(map), map));
    if (map.cancelled) return;
    const made = await this.#run.ledger.commitStep(mapCommit(map, this.#run));
    // A driver that has lost the run may have come first: what it says of the elements is as true.
    const result = made.committed ? made : await this.#run.outcomeOf(step.id, 0);
    if (!("step" in result)) return this.#attempts.fail(this.#run.lostLease());
    await this.#finished(step.id, step, 0, result.step.durationMs, result.artifacts);
    this.#succeed(place, result.artifacts, "succeeded");
  }

  async #finished(
    stepId: string,
    step: PlannedStep,
    attempt: number,
    durationMs: number,
    artifacts: Artifacts,
  ): Promise<void> {
    const { id: runId, hooks } = this.#run;
    const outputs = artifactSummaries(artifacts);
    if (hooks.listens("artifactSaved")) {
      for (const artifact of Object.values(outputs)) await hooks.emit("artifactSaved", { runId, stepId, artifact });
    }
    await hooks.emit("stepFinished", { runId, stepId, step, attempt, durationMs, outputs });
  }

  #succeed(place: number, artifacts: Artifacts, status: StepStatus): void {
    const { id } = this.#graph.steps[place] as PlannedStep;
    this.#steps.set(id, status);
    this.#outputs.set(id, artifacts);
    this.#run.artifacts.remember(Object.values(artifacts));
    for (const dependent of this.#graph.dependents[place] ?? []) {
      const waiting = (this.#graph.waiting[dependent] as number) - 1;
      this.#graph.waiting[dependent] = waiting;
      if (waiting === 0 && !this.#isSettled(dependent)) this.#ready.push(dependent);
    }
  }

  async #fail(work: Pick<Work, "place" | "step" | "inputs" | "attempt">, failed: Failure): Promise<void> {
    const { place, step } = work;
    this.#steps.set(step.id, "failed");
    this.#failures.push({ stepId: step.id, failure: failed });
    this.#records.failed({ ...work, id: step.id }, failed);
    await this.#emitFailed({ ...work, id: step.id }, failed);
    await this.#skipDependents(place, `step '${step.id}' failed`);
    if (this.#run.plan.onFailure === "stop" && this.#stopping === undefined) {
      this.#stopping = `step '${step.id}' failed, and the pipeline stops at the first failure`;
      this.#attempts.stop();
    }
  }

  async #emitFailed(work: Pick<Work, "id" | "step" | "attempt">, { error, durationMs }: Failure): Promise<void> {
    await this.#run.hooks.emit("stepFailed", {
      runId: this.#run.id,
      stepId: work.id,
      step: work.step,
      attempt: work.attempt,
      durationMs,
      error: error instanceof Error ? error : new Error(String(error)),
    });
  }

  async #skipDependents(place: number, because: string): Promise<void> {
    const open = [...(this.#graph.dependents[place] ?? [])];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (this.#isSettled(next)) continue;
      await this.#skip(next, because);
      open.push(...(this.#graph.dependents[next] ?? []));
    }
  }

  async #skip(place: number, because: string): Promise<void> {
    const step = this.#graph.steps[place] as PlannedStep;
    this.#steps.set(step.id, "skipped");
    this.#records.skipped(step.id, because);
    await this.#run.hooks.emit("stepSkipped", { runId: this.#run.id, stepId: step.id, step, because });
  }

  /** What was never started, because the run stopped before its turn. */
  async #giveUpRest(): Promise<void> {
    if (this.#stopping === undefined) return;
    for (const place of this.#graph.steps.keys()) {
      if (!this.#isSettled(place)) await this.#skip(place, this.#stopping);
    }
  }

  #isSettled(place: number): boolean {
    return this.#steps.has((this.#graph.steps[place] as PlannedStep).id);
  }

  #earlier(stepId: string): number {
    return this.#options.attempts?.get(stepId) ?? 0;
  }
}

function failure(error: unknown, map?: MapStep): Failure {
  const durationMs = map ? Math.round(performance.now() - map.clock) : 0;
  return { error, record: toErrorRecord(error), durationMs };
}
