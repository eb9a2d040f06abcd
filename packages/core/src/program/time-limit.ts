import type { Ledger } from "../ledger/ledger.js";
import { toErrorRecord } from "../runtime/error-record.js";
import { stepTimedOut } from "../runtime/step-timed-out.js";

/** Ends an attempt of this process when it has had its time: first on record, so that it cannot commit any more. */
export class TimeLimit {
  readonly #abort = new AbortController();
  readonly signal: AbortSignal = this.#abort.signal;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly ledger: Ledger,
    private readonly attempt: { readonly runId: string; readonly stepId: string; readonly number: number },
  ) {}

  /** @param timeout in milliseconds */
  start(timeout: number | undefined): void {
    if (timeout !== undefined) this.#timer = setTimeout(() => void this.#end(timeout), timeout);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  async #end(timeout: number): Promise<void> {
    const { runId, stepId, number } = this.attempt;
    const error = stepTimedOut(stepId, timeout);
    const ended = new Date().toISOString();
    const end = { outcome: "timed out" as const, ended, durationMs: timeout, error: toErrorRecord(error) };
    // If the ledger cannot be written, the driver sees to it.
    const first = await this.ledger.endAttempt(runId, stepId, number, end).catch(() => false);
    if (first) this.#abort.abort(error);
  }
}
