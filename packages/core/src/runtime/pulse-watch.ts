import type { AttemptMessage } from "../contracts/orchestrator.js";
import type { Ledger } from "../ledger/ledger.js";
import type { Pulse } from "../ledger/pulses.js";
import { lookMs, Watch } from "./lease.js";

/** An attempt that runs in a process of its own, which may give signs of life. */
export interface Watched {
  readonly stepId: string;
  readonly number: number;
}

/** Feels the pulses of a run's attempts: what they say of their progress, and which of them are dead. */
export class PulseWatch<W extends Watched> {
  readonly #ledger: Ledger;
  readonly #runId: string;
  readonly #receive: (attempt: W, message: AttemptMessage) => void;
  readonly #known = new Map<string, { readonly watch: Watch; told: number }>();
  #last = 0;

  constructor(ledger: Ledger, runId: string, receive: (attempt: W, message: AttemptMessage) => void) {
    this.#ledger = ledger;
    this.#runId = runId;
    this.#receive = receive;
  }

  /** Those that have had a pulse and have none any more. Looks now and then, however often it is called. */
  async dead(attempts: readonly W[]): Promise<readonly W[]> {
    if (attempts.length === 0 || performance.now() - this.#last < lookMs) return [];
    this.#last = performance.now();
    const pulses = await this.#read(attempts);
    return attempts.filter((attempt, place) => {
      const pulse = pulses?.[place];
      if (pulse === undefined) return false;
      this.#tell(attempt, pulse);
      return this.#of(attempt).watch.look([pulse.process, pulse.counter]);
    });
  }

  /** What an attempt that has ended had still to say. */
  async last(attempt: W): Promise<void> {
    const [pulse] = (await this.#read([attempt])) ?? [];
    if (pulse) this.#tell(attempt, pulse);
    this.#known.delete(keyOf(attempt));
  }

  async #read(attempts: readonly W[]): Promise<readonly (Pulse | undefined)[] | undefined> {
    const places = attempts.map(({ stepId, number }) => ({
      of: "attempt" as const,
      runId: this.#runId,
      stepId,
      number,
    }));
    // A time in which nothing can be read says nothing of anybody's life.
    return await this.#ledger.pulses.read(places).catch(() => undefined);
  }

  #tell(attempt: W, { progress }: Pulse): void {
    const known = this.#of(attempt);
    if (progress === undefined || progress.times <= known.told) return;
    known.told = progress.times;
    this.#receive(attempt, { type: "progress", ...progress.message } as AttemptMessage);
  }

  #of(attempt: W): { readonly watch: Watch; told: number } {
    const key = keyOf(attempt);
    const known = this.#known.get(key) ?? { watch: new Watch(), told: 0 };
    this.#known.set(key, known);
    return known;
  }
}

function keyOf({ stepId, number }: Watched): string {
  return `${stepId} ${number}`;
}
