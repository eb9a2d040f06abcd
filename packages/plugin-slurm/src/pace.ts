const firstMs = 500;
const growth = 1.5;
/** With so many quick looks used up, the next ones come no sooner than this. */
const steadyMs = 2_000;
const burst = 20;

/**
 * When to look next: soon after something was submitted, then ever more seldom. However much is submitted, in the long run
 * it is one look every two seconds at most.
 */
export class Pace {
  readonly #longest: number;
  #interval = firstMs;
  #last = Number.NEGATIVE_INFINITY;
  #quick = burst;
  #regained = performance.now();

  constructor(longest: number) {
    this.#longest = longest;
  }

  get dueIn(): number {
    return this.#last + this.#interval - performance.now();
  }

  looked(): void {
    const now = performance.now();
    this.#last = now;
    this.#interval = Math.min(this.#interval * growth, this.#longest);
    const regained = Math.floor((now - this.#regained) / (2 * steadyMs));
    this.#quick = Math.min(burst, this.#quick + regained);
    this.#regained += regained * 2 * steadyMs;
    if (this.#interval < steadyMs) this.#quick -= 1;
    if (this.#quick <= 0) this.#interval = Math.max(this.#interval, Math.min(steadyMs, this.#longest));
  }

  quicken(): void {
    this.#interval = this.#quick > 0 ? Math.min(firstMs, this.#longest) : Math.min(steadyMs, this.#longest);
  }
}
