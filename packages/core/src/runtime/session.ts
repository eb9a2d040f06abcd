import { hostname } from "node:os";
import { isAlive } from "../artifacts/is-alive.js";
import { TenonError } from "../errors.js";
import type { Ledger } from "../ledger/ledger.js";
import { beatMs } from "./lease.js";

const driverBeatMs = Math.min(1_000, beatMs);

/** Who drives, in a form from which the same host can tell whether that process still lives. */
export function driverName(): string {
  return `${hostname()}:${process.pid}`;
}

/** Stands where a driver's name would, in a session whose steps are taken by workers. */
export const workers = "workers";

/** True or false if this machine can tell, else undefined: the driver ran elsewhere. */
export function driverAlive(driver: string): boolean | undefined {
  const match = /^(.*):(\d+)$/.exec(driver);
  if (!match || match[1] !== hostname()) return undefined;
  return isAlive(Number(match[2]));
}

/**
 * A driver's hold on a run. It moves the lease's counter once a second; who takes the run over inserts the next session,
 * which this one notices at its next beat.
 */
export class Session {
  readonly number: number;
  /** Aborts when the run belongs to somebody else (`RUN_LEASE_LOST`), somebody asked to cancel it, or a beat failed. */
  readonly signal: AbortSignal;
  readonly #ledger: Ledger;
  readonly #runId: string;
  readonly #abort = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #beating: Promise<void> = Promise.resolve();

  constructor(ledger: Ledger, runId: string, number: number) {
    this.#ledger = ledger;
    this.#runId = runId;
    this.number = number;
    this.signal = this.#abort.signal;
    this.#schedule();
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#beating;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    this.#timer = setTimeout(() => {
      this.#beating = this.#beat();
    }, driverBeatMs).unref();
  }

  async #beat(): Promise<void> {
    try {
      await this.#ledger.beat(this.#runId, this.number);
      const latest = await this.#ledger.run(this.#runId);
      if (latest && latest.session > this.number) {
        return this.#abort.abort(leaseLost(this.#runId, this.number));
      }
      if (await this.#ledger.cancelRequested(this.#runId, this.number))
        return this.#abort.abort(cancelledError(this.#runId));
    } catch (error) {
      return this.#abort.abort(error);
    }
    if (this.#timer !== undefined) this.#schedule();
  }
}

const losses: ReadonlySet<string> = new Set(["RUN_LEASE_LOST", "ATTEMPT_SUPERSEDED", "STEP_GIVEN_BACK"]);

/** True if what somebody worked on belongs to somebody else: then nothing more is to be recorded of it. */
export function isLoss(reason: unknown): boolean {
  return TenonError.is(reason) && losses.has(reason.code);
}

export function cancelledError(runId: string): TenonError {
  return new TenonError("RUN_CANCELLED", {
    doing: `running ${runId}`,
    found: "it was cancelled",
    fix: `Go on with: tenon run resume ${runId}`,
  });
}

export function leaseLost(runId: string, session: number): TenonError {
  return new TenonError("RUN_LEASE_LOST", {
    doing: `driving run ${runId}`,
    found: `its session ${session} was ended by another process, which has taken the run over`,
    fix: `See what it does with: tenon run show ${runId}`,
  });
}
