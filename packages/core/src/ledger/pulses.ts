import type { JsonObject } from "../contracts/json.js";
import type { MetadataStore } from "../contracts/metadata-store.js";
import type { Keys } from "./keys.js";
import { readMany, record } from "./text.js";

/** What has a pulse: an attempt that runs in a process of its own, or a worker's claim on a step. */
export interface PulsePlace {
  readonly of: "attempt" | "claim";
  readonly runId: string;
  readonly stepId: string;
  readonly number: number;
}

/** A sign of life. Who watches it judges by whether it differs from the one before, not by clocks. */
export interface Pulse {
  /** Of the process: an engine may start an attempt more than once. */
  readonly process: string;
  readonly counter: number;
  /** What the step has last said of its progress, and how often it has said anything. */
  readonly progress?: { readonly times: number; readonly message: JsonObject };
}

export class Pulses {
  constructor(
    private readonly store: MetadataStore,
    private readonly keys: Keys,
  ) {}

  async beat(place: PulsePlace, pulse: Pulse): Promise<void> {
    await this.store.put([record(this.#key(place), pulse)]);
  }

  /** In the order of the places, in one read; `undefined` before the first beat. */
  async read(places: readonly PulsePlace[]): Promise<(Pulse | undefined)[]> {
    return await readMany<Pulse>(
      this.store,
      places.map((place) => this.#key(place)),
    );
  }

  #key({ of, runId, stepId, number }: PulsePlace): string {
    return this.keys.pulse(runId, of, stepId, number);
  }
}
