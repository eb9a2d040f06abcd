import type { Attempt, AttemptExit, AttemptMessage, Launcher, LaunchRefusal } from "../contracts/orchestrator.js";
import { TenonError } from "../errors.js";
import type { ErrorRecord } from "../ledger/records.js";
import { attemptRecord, newAttempt } from "./attempt.js";
import { EngineWatch } from "./engine-watch.js";
import { fromErrorRecord, toErrorRecord } from "./error-record.js";
import { Launches } from "./launches.js";
import { retryDelay, worthRetrying } from "./retry.js";
import type { RunContext } from "./run-context.js";
import { newRunning, type Running } from "./running.js";
import type { AttemptOutcome } from "./step-runner.js";
import { stepTimedOut } from "./step-timed-out.js";
import type { Work, WorkResult } from "./work.js";

const ENGINE_RETRIES = 3;
const CANCEL_GRACE_MS = 15_000;
const TIMEOUT_GRACE_MS = 30_000;

export interface Finished {
  readonly work: Work;
  readonly result: WorkResult;
}

/**
 * Brings work to a launcher, at most as much at a time as it can take, and says what became of it: retries and
 * timeouts are dealt with here.
 */
export class Attempts {
  readonly #run: RunContext;
  readonly #launcher: Launcher;
  #queue: Work[] = [];
  readonly #running = new Map<string, Running>();
  readonly #delayed = new Map<Work, NodeJS.Timeout>();
  #finished: Finished[] = [];
  #wake: (() => void) | undefined;
  /** Something has happened since `next` looked last. */
  #changed = false;
  #failure: { readonly error: unknown } | undefined;
  #stopped = false;
  /** Those who listen hear of a step's progress before they hear of its end. */
  #telling: Promise<void> = Promise.resolve();
  readonly #engine: EngineWatch;
  readonly #launches: Launches;

  constructor(run: RunContext, launcher: Launcher) {
    this.#run = run;
    this.#launcher = launcher;
    this.#launches = new Launches(run.id, launcher);
    this.#engine = new EngineWatch(run, launcher, {
      begun: (running) => this.#startClock(running),
      exited: (running, exit) => this.#exit(running, exit),
      receive: (running, message) => this.#receive(running, message),
      failed: (error) => this.fail(error),
    });
  }

  get idle(): boolean {
    return this.#queue.length + this.#running.size + this.#delayed.size + this.#finished.length === 0;
  }

  submit(work: Work): void {
    this.#queue.push(work);
  }

  /** Goes on with an attempt that another driver has launched. */
  adopt(work: Work, { number, launchId }: { readonly number: number; readonly launchId: string }): void {
    work.attempt = number;
    work.tries += 1;
    const running = newRunning(work, number, this.#idOf(work, number), launchId);
    this.#running.set(running.attemptId, running);
  }

  /** Starts nothing more. What was waiting comes back as `unstarted`, or as failed if it had been tried before. */
  stop(): void {
    this.#stopped = true;
    for (const [work, timer] of this.#delayed) {
      clearTimeout(timer);
      this.#queue.push(work);
    }
    this.#delayed.clear();
    for (const work of this.#queue) {
      this.#finish(work, work.lastFailure ? { kind: "failed", ...work.lastFailure } : { kind: "unstarted" });
    }
    this.#queue = [];
  }

  /** Starts nothing more, and ends what runs. */
  async cancel(): Promise<void> {
    this.stop();
    this.#launches.giveUp();
    const running = [...this.#running.values()];
    await Promise.all(running.map((one) => this.#giveUp(one, "cancelled")));
    await this.#launcher.cancel(running.flatMap(({ launchId }) => launchId ?? []));
    setTimeout(() => {
      for (const one of [...this.#running.values()]) this.#exit(one, { kind: "cancelled" });
    }, CANCEL_GRACE_MS).unref();
  }

  /** Starts nothing more. What the engine runs belongs to somebody else now; what runs in this process ends. */
  async abandon(): Promise<void> {
    if (!this.#launcher.lasting) return this.cancel();
    this.stop();
    this.#running.clear();
  }

  /** Launches what can be launched, and waits until something has finished. */
  async next(): Promise<readonly Finished[]> {
    for (;;) {
      if (this.#failure) throw this.#failure.error;
      if (this.#finished.length > 0) {
        await this.#telling;
        const finished = this.#finished;
        this.#finished = [];
        return finished;
      }
      if (await this.#launch()) continue;
      if (this.idle) return [];
      if (!this.#changed) await this.#engine.wait([...this.#running.values()], (wake) => this.#onWake(wake));
      this.#changed = false;
    }
  }

  async #launch(): Promise<boolean> {
    const free = Math.max(1, this.#launcher.capabilities.parallel) - this.#running.size;
    if (free <= 0 || this.#queue.length === 0) return false;
    let batch = this.#queue.splice(0, free).map((work) => this.#prepare(work));
    const remote = this.#launcher.capabilities.remote;
    if (remote) {
      const first = await Promise.all(batch.map(({ recorded }) => recorded));
      for (const [place, { running }] of batch.entries()) if (!first[place]) this.#taken(running);
      batch = batch.filter((_, place) => first[place]);
      if (batch.length === 0) return true;
    }
    if (this.#run.hooks.listens("stepStarted")) {
      for (const { running } of batch) {
        const { id: stepId, step, attempt } = running.work;
        await this.#run.hooks.emit("stepStarted", { runId: this.#run.id, stepId, step, attempt });
      }
    }
    for (const { running } of batch) running.work.launched = Date.now();
    this.#engine.launching();
    const answers = await this.#launches.launch(batch.map(({ attempt }) => attempt));
    if (!answers) {
      for (const { running } of batch) this.#exit(running, { kind: "cancelled" });
      return false;
    }
    await Promise.all(batch.map(({ running }, place) => this.#accepted(running, answers[place])));
    this.#engine.note(batch.map(({ running }) => running));
    return false;
  }

  async #accepted(running: Running, answer: string | LaunchRefusal | undefined): Promise<void> {
    if (typeof answer === "object") return this.#refused(running, answer);
    running.launchId = answer;
    if (!this.#launcher.capabilities.remote) this.#startClock(running);
  }

  async #refused(running: Running, { refused, fix }: LaunchRefusal): Promise<void> {
    const error = new TenonError("ORCHESTRATOR_REFUSED", {
      doing: `starting step '${running.work.id}'`,
      found: refused,
      ...(fix !== undefined && { fix }),
    });
    if (await this.#giveUp(running, "failed", error)) this.#failed(running, error);
    else this.#exit(running, { kind: "cancelled" });
  }

  /** Another driver has put an attempt of that number on record: ours is the next. */
  #taken({ attemptId, work }: Running): void {
    this.#running.delete(attemptId);
    work.tries -= 1;
    this.#queue.unshift(work);
  }

  #idOf({ place, element }: Work, number: number): string {
    return `${this.#run.id}-${this.#run.session}-${place}${element ? `-${element.index}` : ""}-${number}`;
  }

  #prepare(work: Work): { running: Running; attempt: Attempt; recorded: Promise<boolean> } {
    work.attempt += 1;
    work.tries += 1;
    const run = this.#run;
    const remote = this.#launcher.capabilities.remote;
    const number = work.attempt;
    const attemptId = this.#idOf(work, number);
    const running = newRunning(work, number, attemptId);
    this.#running.set(attemptId, running);
    const record = attemptRecord(run, work, number, remote);
    const noted = () => Promise.resolve(run.ledger.noteAttempt(record)).then(() => true);
    const recorded = remote ? run.ledger.startAttempt(record) : noted();
    recorded.catch((error: unknown) => this.fail(error));
    const receive = (message: AttemptMessage) => this.#receive(running, message);
    const attempt = newAttempt(run, work, {
      id: attemptId,
      number,
      recorded,
      receive,
      ended: (outcome) => {
        if (outcome.kind === "cancelled") this.#exit(running, { kind: "cancelled" });
        else if (outcome.kind === "superseded") this.#exit(running, { kind: "ended" });
        else this.#conclude(running, outcome);
      },
      failed: (error) => this.fail(error),
    });
    return { running, attempt, recorded };
  }

  #receive({ work, number }: Running, message: AttemptMessage): void {
    if (message.type === "output") {
      this.#run.appendToLog(work, number, message.text);
      return;
    }
    const { done, total, fields } = message;
    const at = { runId: this.#run.id, stepId: work.id, step: work.step, attempt: number };
    const told = this.#run.hooks.emit("stepProgress", { ...at, done, total, fields });
    if (told) this.#telling = this.#telling.then(() => told);
  }

  /** A step's time counts from when it runs, not from when an engine put it into its queue. */
  #startClock(running: Running): void {
    const { timeout } = running.work.step.settings;
    if (timeout === undefined || running.clockRuns || !this.#running.has(running.attemptId)) return;
    running.clockRuns = true;
    // In a process of its own it ends itself, as only that knows when the step began.
    const grace = this.#launcher.lasting ? TIMEOUT_GRACE_MS : 0;
    running.timer = setTimeout(() => {
      this.#timeOut(running, timeout).catch((error: unknown) => this.fail(error));
    }, timeout + grace);
  }

  async #timeOut(running: Running, timeout: number): Promise<void> {
    if (!(await this.#giveUp(running, "timed out"))) return;
    if (running.launchId !== undefined) await this.#launcher.cancel([running.launchId]);
    this.#failed(running, stepTimedOut(running.work.id, timeout));
  }

  /** False if the attempt had ended by itself just before. */
  #giveUp(
    running: Running,
    outcome: "cancelled" | "timed out" | "crashed" | "failed",
    error?: unknown,
  ): Promise<boolean> {
    const durationMs = Math.round(performance.now() - running.started);
    const ended = new Date().toISOString();
    const end = { outcome, ended, durationMs, ...(error !== undefined && { error: toErrorRecord(error) }) };
    return this.#run.ledger.endAttempt(this.#run.id, running.work.id, running.number, end);
  }

  /** The launcher says that an attempt is over; the ledger says how. */
  #exit(running: Running, exit: AttemptExit): void {
    if (running.exited || !this.#running.has(running.attemptId)) return;
    running.exited = true;
    clearTimeout(running.timer);
    this.#look(running, exit).catch((error: unknown) => this.fail(error));
  }

  async #look(running: Running, exit: AttemptExit): Promise<void> {
    const { work } = running;
    const crash = new TenonError("STEP_CRASHED", {
      doing: `running step '${work.id}'`,
      found: exit.kind === "crashed" ? exit.reason : "its process ended without recording how",
      fix: `Read its log: tenon run logs ${this.#run.id} ${work.id}`,
    });
    const open = exit.kind === "cancelled" ? "cancelled" : "crashed";
    if (await this.#giveUp(running, open, open === "crashed" ? crash : undefined)) {
      if (open === "cancelled") return this.#done(running, { kind: "cancelled" });
      return this.#failed(running, crash, exit.kind === "crashed" && exit.retry);
    }
    const remote = this.#launcher.capabilities.remote;
    const [found] = await Promise.all([
      this.#run.outcomeOf(work.id, running.number),
      remote ? this.#engine.last(running) : undefined,
    ]);
    if (found.kind === "committed") return this.#done(running, found);
    if (found.kind === "failed") {
      const error = found.error === undefined ? crash : fromErrorRecord(found.error);
      return this.#failed(running, error, false, found.error);
    }
    this.#done(running, { kind: "cancelled" });
  }

  #conclude(running: Running, outcome: AttemptOutcome & { kind: "committed" | "failed" }): void {
    if (!this.#running.has(running.attemptId)) return;
    if (outcome.kind === "committed") this.#done(running, outcome);
    else this.#failed(running, outcome.error);
  }

  #failed(running: Running, error: unknown, engine = false, known?: ErrorRecord): void {
    const { work } = running;
    const durationMs = Math.round(performance.now() - running.started);
    const failure = { error, record: known ?? toErrorRecord(error), durationMs };
    if (!this.#running.delete(running.attemptId)) return;
    clearTimeout(running.timer);
    work.lastFailure = failure;
    const tries = work.step.settings.retries + (engine ? ENGINE_RETRIES : 0);
    if (this.#stopped || work.tries > tries || !worthRetrying(error)) {
      this.#finish(work, { kind: "failed", ...failure });
      return;
    }
    const delayMs = retryDelay(work.step.settings, work.tries);
    const at = { runId: this.#run.id, stepId: work.id, step: work.step, attempt: work.attempt };
    this.#run.hooks.emit("stepRetrying", { ...at, delayMs, error: asError(error) });
    const timer = setTimeout(() => {
      this.#delayed.delete(work);
      this.#queue.push(work);
      this.#wakeUp();
    }, delayMs);
    this.#delayed.set(work, timer);
    this.#wakeUp();
  }

  #done(running: Running, result: WorkResult): void {
    if (!this.#running.delete(running.attemptId)) return;
    clearTimeout(running.timer);
    this.#finish(running.work, result);
  }

  #finish(work: Work, result: WorkResult): void {
    this.#finished.push({ work, result });
    this.#wakeUp();
  }

  /** Makes `next` throw. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#launches.giveUp();
    this.#wakeUp();
  }

  #onWake(wake: () => void): void {
    this.#wake = wake;
  }

  #wakeUp(): void {
    this.#changed = true;
    this.#wake?.();
    this.#wake = undefined;
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
