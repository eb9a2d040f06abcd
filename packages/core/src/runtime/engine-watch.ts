import type { AttemptExit, AttemptMessage, Launcher } from "../contracts/orchestrator.js";
import { leaseMs } from "./lease.js";
import { PulseWatch } from "./pulse-watch.js";
import type { RunContext } from "./run-context.js";
import type { Running } from "./running.js";

const FIRST_POLL_MS = 50;
const LAST_POLL_MS = 5_000;
/** Where the launcher tells of changes, or attempts tell by themselves: should they ever fail to. */
const LAST_RESORT_MS = 1_000;
/** What attempts on other machines record is read more often than their engine is asked. */
const FIRST_LOOK_MS = 100;
const LAST_LOOK_MS = 1_000;

export interface EngineEvents {
  /** The attempt is there: its time counts. */
  begun(running: Running): void;
  exited(running: Running, exit: AttemptExit): void;
  receive(running: Running, message: AttemptMessage): void;
  failed(error: unknown): void;
}

/** Finds out what becomes of attempts: from their engine, from the ledger, and from the signs of life that they give. */
export class EngineWatch {
  readonly #run: RunContext;
  readonly #launcher: Launcher;
  readonly #events: EngineEvents;
  readonly #pulses: PulseWatch<Running>;
  #pollDelay = FIRST_POLL_MS;
  /** When the engine is asked next. */
  #pollAt: number | undefined;
  #lookDelay = FIRST_LOOK_MS;

  constructor(run: RunContext, launcher: Launcher, events: EngineEvents) {
    this.#run = run;
    this.#launcher = launcher;
    this.#events = events;
    this.#pulses = new PulseWatch(run.ledger, run.id, (running, message) => events.receive(running, message));
  }

  /** What has just been launched may soon have ended. */
  launching(): void {
    this.#pollDelay = FIRST_POLL_MS;
    this.#pollAt = undefined;
    this.#lookDelay = FIRST_LOOK_MS;
  }

  /** What an attempt that has ended had still to say. */
  last(running: Running): Promise<void> {
    return this.#pulses.last(running);
  }

  /** For whoever takes the run over, and for people. */
  note(running: readonly Running[]): void {
    if (!this.#launcher.lasting) return;
    const launches = running.flatMap(({ stepId, number, launchId: id, job }) =>
      id === undefined ? [] : [{ stepId, number, id, ...(job !== undefined && { job }) }],
    );
    this.#run.ledger.noteLaunches(this.#run.id, launches).catch((error: unknown) => this.#events.failed(error));
  }

  /**
   * Until something has happened, or may have: then it asks, in the ledger and in the engine, what.
   *
   * @param onWake is given what ends the waiting
   */
  async wait(running: readonly Running[], onWake: (wake: () => void) => void): Promise<void> {
    let wake = () => {};
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    onWake(wake);
    const ids = running.flatMap(({ launchId, exited }) => (exited ? [] : (launchId ?? [])));
    let stop: AbortController | undefined;
    let timer: NodeJS.Timeout | undefined;
    let due: "look" | "poll" | undefined;
    const remote = this.#launcher.capabilities.remote;
    if (ids.length > 0) {
      // Nobody tells when an attempt has left its engine's queue, from which on its time counts.
      const awaited = running.some(({ work, clockRuns }) => work.step.settings.timeout !== undefined && !clockRuns);
      const told = remote && this.#launcher.changed !== undefined && !awaited;
      const pollAt = this.#nextPoll(told);
      const wait = Math.max(0, pollAt - performance.now());
      timer = setTimeout(
        () => {
          due = performance.now() >= pollAt - 1 ? "poll" : "look";
          wake();
        },
        this.#launcher.lasting ? Math.min(wait, this.#lookDelay) : wait,
      );
      if (remote && this.#launcher.changed) {
        const own = new AbortController();
        stop = own;
        this.#launcher.changed(ids, own.signal).then(
          () => {
            // Told to stop it resolves as well, and would wake the next wait for nothing, for ever.
            if (own.signal.aborted) return;
            due = "poll";
            wake();
          },
          () => {},
        );
      }
    }
    await woken;
    clearTimeout(timer);
    stop?.abort();
    if (due && this.#launcher.lasting) await this.#readEnds(running);
    if (due === "poll") await this.#poll(running);
  }

  #nextPoll(told: boolean): number {
    if (this.#pollAt === undefined) {
      const { remote } = this.#launcher.capabilities;
      const wait = told ? LAST_RESORT_MS : Math.min(this.#pollDelay, remote ? LAST_POLL_MS : LAST_RESORT_MS);
      this.#pollDelay *= 1.5;
      this.#pollAt = performance.now() + wait;
    }
    return this.#pollAt;
  }

  /** An attempt has ended once it says so in the ledger, and its engine need not be asked. */
  async #readEnds(running: readonly Running[]): Promise<void> {
    this.#lookDelay = Math.min(this.#lookDelay * 1.3, LAST_LOOK_MS);
    const open = running.filter(({ launchId, exited }) => launchId !== undefined && !exited);
    const places = open.map(({ work, number }) => ({ stepId: work.id, number }));
    // A time in which nothing can be read says nothing of anybody.
    const ended = await this.#run.ledger.haveEnded(this.#run.id, places).catch(() => []);
    open.forEach((one, place) => {
      if (ended[place]) this.#events.exited(one, { kind: "ended" });
    });
  }

  async #poll(running: readonly Running[]): Promise<void> {
    this.#pollAt = undefined;
    const asked = running.filter(({ launchId, exited }) => launchId !== undefined && !exited);
    if (asked.length === 0) return;
    const statuses = await this.#launcher.poll(asked.map(({ launchId }) => launchId as string));
    asked.forEach((one, place) => {
      const status = statuses[place];
      if (status?.state === "running") {
        one.runs = true;
        this.#events.begun(one);
      } else if (status?.state === "exited") this.#events.exited(one, status.exit);
    });
    const named = asked.filter((one, place) => {
      const job = statuses[place]?.job;
      const isNew = job !== undefined && job !== one.job && job !== one.launchId;
      if (isNew) one.job = job;
      return isNew;
    });
    if (named.length > 0) this.note(named);
    if (this.#launcher.capabilities.remote) await this.#feel(asked.filter(({ runs, exited }) => runs && !exited));
  }

  /** An engine may not know that a machine hangs. */
  async #feel(running: readonly Running[]): Promise<void> {
    const dead = await this.#pulses.dead(running);
    if (dead.length === 0) return;
    await this.#launcher.cancel(dead.flatMap(({ launchId }) => launchId ?? []));
    const reason = `it has given no sign of life for ${leaseMs / 1000} s`;
    for (const one of dead) this.#events.exited(one, { kind: "crashed", reason, retry: true });
  }
}
