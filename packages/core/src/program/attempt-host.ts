import { readPlannedStep } from "../compiler/read-planned-step.js";
import type { JsonObject } from "../contracts/json.js";
import type { AttemptMessage, StepEnd } from "../contracts/orchestrator.js";
import type { PlannedStep } from "../contracts/plan.js";
import { TenonError } from "../errors.js";
import { HookBus } from "../kernel/hook-bus.js";
import type { Kernel } from "../kernel/kernel.js";
import { openKernel } from "../kernel/open-kernel.js";
import type { ModelId } from "../ledger/model-links.js";
import type { CacheKey } from "../runtime/cache-key.js";
import { KnownArtifacts } from "../runtime/known-artifacts.js";
import { InputLoader } from "../runtime/load-inputs.js";
import type { ResolvedInputs } from "../runtime/resolve-inputs.js";
import { stepLogFile } from "../runtime/step-log.js";
import { type AttemptOutcome, runAttempt } from "../runtime/step-runner.js";
import { type Bootstrap, type BootstrapTask, projectOf } from "./bootstrap.js";
import { catchOutput } from "./catch-output.js";
import { Heartbeat } from "./heartbeat.js";
import { openStores, type Stores } from "./stores.js";
import { TimeLimit } from "./time-limit.js";
import { findVerified } from "./verify-code.js";
import { markWorker } from "./worker-flag.js";

/** A bootstrap with a certain task. */
export type Told<Do extends BootstrapTask["do"]> = Bootstrap & { readonly task: Extract<BootstrapTask, { do: Do }> };

interface Project {
  readonly kernel: Kernel;
  readonly stores: Stores;
  readonly inputs: InputLoader;
}

interface AttemptEvents {
  /** The process turns to the attempt: its time counts from now on. */
  begun?(step: PlannedStep): void;
  /** Nothing is left but to record how it ended. */
  beforeEnd?(): Promise<void>;
}

/** Runs attempts in this process, which from then on starts no runs, and keeps between them what was costly to open. */
export class AttemptHost {
  readonly #projects = new Map<string, Promise<Project>>();
  readonly #plans = new Map<string, Promise<string>>();

  constructor() {
    markWorker();
  }

  /**
   * In a process of its own, which an engine has started and has no channel to: a heartbeat tells that it lives, what it
   * writes goes to the stack, and an attempt that was given up meanwhile ends.
   */
  async runAlone(bootstrap: Told<"attempt">, signal: AbortSignal): Promise<AttemptOutcome["kind"]> {
    const { stack, runId, task } = bootstrap;
    const { kernel, stores } = await this.#project(bootstrap);
    const { project } = kernel;
    const place = { of: "attempt" as const, runId, stepId: task.stepId, number: task.attempt };
    const heart = new Heartbeat({ project, stack, place });
    heart.follow({ file: stepLogFile(project.stateDirectory, runId, task.stepId, task.attempt), ...task });
    const tell = (message: AttemptMessage) => {
      if (message.type === "progress") heart.progress(message);
    };
    const clock = new TimeLimit(stores.ledger, place);
    try {
      const ends = AbortSignal.any([signal, heart.signal, clock.signal]);
      const outcome = await this.run(bootstrap, ends, tell, {
        begun: (step) => clock.start(step.settings.timeout),
        beforeEnd: () => heart.stop(stores.ledger),
      });
      if (clock.signal.aborted) return "failed";
      return outcome === "cancelled" && heart.signal.aborted ? "superseded" : outcome;
    } finally {
      clock.stop();
      await heart.stop(stores.ledger);
    }
  }

  async run(
    bootstrap: Told<"attempt">,
    signal: AbortSignal,
    receive: (message: AttemptMessage) => void,
    { begun, beforeEnd = async () => {} }: AttemptEvents = {},
  ): Promise<AttemptOutcome["kind"]> {
    const { runId } = bootstrap;
    const { stepId, attempt } = bootstrap.task;
    const project = await this.#project(bootstrap);
    const { ledger, vault } = project.stores;
    const { pipeline, step } = await readPlannedStep(await this.#plan(bootstrap.plan, project.stores), stepId);
    const record = await ledger.attempt(runId, stepId, attempt);
    if (!step || !record?.work) {
      throw new TenonError("INTERNAL", {
        doing: `starting attempt ${attempt} of step '${stepId}' of run ${runId}`,
        found: step ? "the ledger does not know the attempt" : "the plan has no such step",
      });
    }
    // The engine was slow, or starts it a second time.
    if (record.end) return "superseded";
    const logFile = stepLogFile(project.kernel.project.stateDirectory, runId, stepId, attempt);
    const release = catchOutput(logFile);
    begun?.(step);
    try {
      const outcome = await runAttempt(
        {
          run: { id: runId, pipeline },
          stepId,
          step,
          attempt,
          session: record.session,
          inputs: record.work.inputs as unknown as ResolvedInputs,
          cache: cacheOf(record.work),
          model: record.work.model as ModelId | undefined,
          element: stepId !== step.id,
        },
        {
          ledger,
          vault,
          inputs: project.inputs,
          logFile,
          definition: () => findVerified(step, bootstrap.task.fingerprint, project.kernel.project),
          emit: (name, context) => project.kernel.hooks.emit(name, context),
          receive,
          beforeEnd,
          component: (kind) => project.stores.stack.created(kind),
          recorded: Promise.resolve(),
        },
        signal,
      );
      return outcome.kind;
    } finally {
      await release();
    }
  }

  /** For an engine that walks the plan: one step, with all that belongs to it. */
  async runStep(bootstrap: Told<"step">, signal: AbortSignal): Promise<StepEnd> {
    const [{ takeStep }, { storeLiterals }] = await Promise.all([import("./take-step.js"), import("./literals.js")]);
    const { session, force, stepId } = bootstrap.task;
    const { kernel, stores } = await this.#project(bootstrap);
    const { readPlan } = await import("../compiler/read-plan.js");
    const plan = await readPlan(await this.#plan(bootstrap.plan, stores));
    const part = plan.steps.filter(({ id }) => id === stepId);
    const end = await takeStep(
      {
        kernel,
        stores,
        plan,
        digest: bootstrap.plan,
        record: { id: bootstrap.runId },
        session,
        force,
        signal,
        literals: await storeLiterals({ ...plan, steps: part }, new Map(), stores),
        // Whoever submitted the run tells the hooks.
        hooks: new HookBus(),
      },
      stepId,
    );
    return end === "superseded" ? "skipped" : end;
  }

  async dispose(): Promise<void> {
    for (const opening of this.#projects.values()) {
      const project = await opening.catch(() => undefined);
      await project?.stores.vault.dispose();
      await project?.kernel.dispose();
    }
    this.#projects.clear();
  }

  #project(bootstrap: Bootstrap): Promise<Project> {
    const { project, code, stack } = bootstrap;
    const key = JSON.stringify([project, code, stack]);
    const known = this.#projects.get(key);
    if (known) return known;
    const opening = open(bootstrap);
    opening.catch(() => this.#projects.delete(key));
    this.#projects.set(key, opening);
    return opening;
  }

  /** Its text. */
  #plan(digest: string, { ledger }: Stores): Promise<string> {
    const known = this.#plans.get(digest);
    if (known) return known;
    const reading = ledger.plan(digest).then((text) => {
      if (text !== undefined) return text;
      throw new TenonError("PLAN_UNKNOWN", { doing: `looking for the plan ${digest}`, found: "the ledger has none" });
    });
    reading.catch(() => this.#plans.delete(digest));
    this.#plans.set(digest, reading);
    return reading;
  }
}

async function open(bootstrap: Bootstrap): Promise<Project> {
  const kernel = await openKernel(projectOf(bootstrap));
  const stores = await openStores(kernel, bootstrap.stack, ["artifactStore", "metadataStore"]);
  return { kernel, stores, inputs: new InputLoader(stores.vault, new KnownArtifacts(stores.ledger)) };
}

function cacheOf(work: JsonObject): CacheKey | undefined {
  const { cacheKey: key, cacheParts: parts } = work;
  return typeof key === "string" ? { key, parts: (parts ?? {}) as JsonObject } : undefined;
}
