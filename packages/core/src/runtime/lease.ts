const seconds = Number(process.env.TENON_LEASE_SECONDS);

/**
 * After so many milliseconds in which its counter has not moved, whoever holds a run, a step or an attempt is taken for
 * dead. Set by `TENON_LEASE_SECONDS`, to the same on all machines; by default 20 seconds.
 */
export const leaseMs = seconds > 0 ? seconds * 1000 : 20_000;

/** Of a lease's time: how often its holder moves the counter, and how often somebody who watches looks. */
const share = 8;
export const lookMs = leaseMs / share;
export const beatMs = Math.min(2_000, lookMs);

/**
 * Judges by whether a counter moves while it is looked at, every `lookMs`: clocks of machines are not compared, and a time
 * in which the watcher himself could not look does not count.
 */
export class Watch {
  #seen: string | undefined;
  #still = 0;

  /** True once the same was seen for the time of a lease. */
  look(sign: unknown): boolean {
    const seen = JSON.stringify(sign) ?? "";
    this.#still = seen === this.#seen ? this.#still + 1 : 0;
    this.#seen = seen;
    return this.#still >= share;
  }
}
