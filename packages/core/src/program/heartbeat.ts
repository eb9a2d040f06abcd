import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import type { HookContexts } from "../contracts/hooks.js";
import type { JsonObject } from "../contracts/json.js";
import type { AttemptMessage } from "../contracts/orchestrator.js";
import { TenonError } from "../errors.js";
import type { Project, ProjectOptions } from "../kernel/project.js";
import type { Ledger } from "../ledger/ledger.js";
import type { Pulse, PulsePlace } from "../ledger/pulses.js";
import type { StackRecord } from "../ledger/records.js";
import { beatMs } from "../runtime/lease.js";
import { type FollowedLog, LogShipper, type Shipped } from "./log-shipper.js";

/** What the thread is started with. */
export interface HeartbeatTask {
  readonly project: ProjectOptions;
  readonly stack: StackRecord;
  readonly place: PulsePlace;
  readonly process: string;
  /** Of the run: a request to cancel it counts as a loss. Without it a driver sees to that. */
  readonly session?: number;
  readonly beatMs: number;
}

type ProgressMessage = Extract<AttemptMessage, { type: "progress" }>;

export type ToHeartbeat =
  | { readonly type: "follow"; readonly log: FollowedLog }
  | { readonly type: "progress"; readonly progress: NonNullable<Pulse["progress"]> }
  | { readonly type: "stop" };

export type FromHeartbeat =
  | { readonly type: "lost"; readonly cancelled: boolean }
  | {
      readonly type: "stopped";
      readonly shipped: readonly (readonly [string, Shipped])[];
      readonly counter: number;
      /** How many times of progress are on record. */
      readonly told: number;
    };

/**
 * Says for an attempt or a claim that its process lives, and brings its logs to the stack, from a thread of its own: a step
 * that computes for minutes without a pause is slow, not dead. The thread opens the store at its first beat only.
 */
export class Heartbeat {
  readonly #abort = new AbortController();
  /** Aborts when the work belongs to somebody else, or is to be cancelled. */
  readonly signal: AbortSignal = this.#abort.signal;
  readonly #place: PulsePlace;
  readonly #process: string;
  readonly #thread: Worker;
  readonly #stopped: Promise<Extract<FromHeartbeat, { type: "stopped" }> | undefined>;
  readonly #followed: FollowedLog[] = [];
  #progress: Pulse["progress"];
  #shipper: LogShipper | undefined;
  #told = 0;

  constructor(task: Omit<HeartbeatTask, "project" | "process" | "beatMs"> & { readonly project: Project }) {
    // Sorts by when the process began, as a step's log may be written by several.
    this.#process = `${Date.now().toString(36).padStart(9, "0")}${randomBytes(3).toString("hex")}`;
    this.#place = task.place;
    const module = createRequire(import.meta.url).resolve("@tenon/core/heartbeat");
    const { name, root, stateDirectory, checkout } = task.project;
    const project = { name, root, stateDirectory, ...(checkout && { checkout }) };
    const workerData: HeartbeatTask = { ...task, project, process: this.#process, beatMs };
    this.#thread = new Worker(module, { workerData, execArgv: [], stdout: true, stderr: true });
    this.#thread.unref();
    this.#stopped = new Promise((resolve) => {
      this.#thread.on("message", (message: FromHeartbeat) => {
        if (message.type === "lost") this.#abort.abort(lost(task.place, message.cancelled));
        else resolve(message);
      });
      this.#thread.once("exit", () => resolve(undefined));
      this.#thread.once("error", () => resolve(undefined));
    });
  }

  /** What is written to this log from now on goes to the stack, too. */
  follow(log: FollowedLog): void {
    this.#followed.push(log);
    this.#tell({ type: "follow", log });
  }

  progress({ done, total, fields }: HookContexts["stepProgress"] | ProgressMessage): void {
    const said: JsonObject = { done, fields, ...(total !== undefined && { total }) };
    this.#progress = { times: (this.#progress?.times ?? 0) + 1, message: said };
    this.#tell({ type: "progress", progress: this.#progress });
  }

  /**
   * Ends the beats, and brings to the stack what is not there yet: to be called before the work's end is recorded, as
   * whoever waits for that looks at its log then; and again for what was written since. Never rejects.
   */
  async stop({ logs, pulses }: Ledger): Promise<void> {
    this.#thread.ref();
    if (this.#shipper === undefined) this.#tell({ type: "stop" });
    const stopped = await this.#stopped;
    const [place, process] = [this.#place, this.#process];
    this.#shipper ??= new LogShipper(logs, place.runId, process, new Map(stopped?.shipped));
    const progress = this.#progress;
    const untold = progress !== undefined && progress.times > Math.max(this.#told, stopped?.told ?? 0);
    this.#told = progress?.times ?? 0;
    const pulse = { process, counter: (stopped?.counter ?? 0) + 1, ...(progress && { progress }) };
    await Promise.allSettled([this.#shipper.ship(this.#followed, true), untold && pulses.beat(place, pulse)]);
  }

  #tell(message: ToHeartbeat): void {
    this.#thread.postMessage(message);
  }
}

function lost({ of, runId, stepId }: PulsePlace, cancelled: boolean): TenonError {
  if (cancelled) {
    return new TenonError("RUN_CANCELLED", {
      doing: `running step '${stepId}' of ${runId}`,
      found: "it was cancelled",
    });
  }
  return new TenonError("ATTEMPT_SUPERSEDED", {
    doing: `running step '${stepId}' of run ${runId}`,
    found: of === "claim" ? "another worker has taken the step over" : "its driver has given the attempt up",
  });
}
