import { setTimeout } from "node:timers/promises";

/**
 * What a failure is to somebody who can wait. `contention`: others were in the way for a moment. `absence`: the server
 * went away, and may come back.
 */
export type Passing = "contention" | "absence";

export interface Attempt {
  readonly tries: number;
  readonly elapsedMs: number;
}

/** Waits for what passes, for so long; and remembers of what it gave up how long it had waited. */
export class Patience {
  readonly #milliseconds: number;
  readonly #passing: (error: unknown) => Passing | undefined;
  readonly #waited = new WeakMap<object, number>();

  constructor(milliseconds: number, passing: (error: unknown) => Passing | undefined) {
    this.#milliseconds = milliseconds;
    this.#passing = passing;
  }

  /** Resolves to true, after a wait that grows, if it is worth another try. */
  async recover(error: unknown, { tries, elapsedMs }: Attempt): Promise<boolean> {
    const passing = this.#passing(error);
    if (passing === undefined) return false;
    if (elapsedMs >= this.#milliseconds) {
      if (typeof error === "object" && error !== null) this.#waited.set(error, elapsedMs);
      return false;
    }
    const [first, most] = passing === "contention" ? [2, 100] : [50, 1000];
    const longest = Math.min(first * 2 ** Math.min(tries - 1, 10), most);
    // At random, so that those that got into each other's way do not meet again.
    const wait = longest * (0.5 + Math.random() / 2);
    await setTimeout(Math.min(wait, Math.max(1, this.#milliseconds - elapsedMs)));
    return true;
  }

  /** `, also after 60 s`, for the end of what was found; empty if nothing was waited for. */
  suffix(error: unknown): string {
    const waited = typeof error === "object" && error !== null ? this.#waited.get(error) : undefined;
    return waited === undefined ? "" : `, also after ${Math.max(1, Math.round(waited / 1000))} s`;
  }
}
