import type { MetadataStore } from "../contracts/metadata-store.js";
import type { Keys } from "./keys.js";
import type { AttemptEnd, AttemptRecord } from "./records.js";
import { insertOnce, parse, read, record, scanAll } from "./text.js";

/** One try of a step, and how it ended if it has. */
export interface AttemptSummary extends AttemptRecord {
  readonly end?: AttemptEnd;
}

/** The tries of steps. How one ends is settled by who first inserts its end. */
export class Attempts {
  readonly #store: MetadataStore;
  readonly #keys: Keys;
  readonly #starting = new Map<string, Promise<boolean>>();

  constructor(store: MetadataStore, keys: Keys) {
    this.#store = store;
    this.#keys = keys;
  }

  /** False if one of them was started before. Whatever ends an attempt waits for this, so the caller need not. */
  start(attempts: readonly AttemptRecord[]): Promise<boolean> {
    const keys = attempts.map(({ runId, stepId, number }) => this.#keys.attemptStart(runId, stepId, number));
    const starting = insertOnce(
      this.#store,
      attempts.map((attempt, index) => record(keys[index] as string, attempt)),
    );
    for (const key of keys) this.#starting.set(key, starting);
    // A failure is handed to the caller and to whoever ends the attempt; without either it must not end the process.
    const forget = () => {
      for (const key of keys) this.#starting.delete(key);
    };
    starting.then(forget, () => {});
    return starting;
  }

  /** Resolves when the attempt's start is on record, as far as this process is writing it. */
  async started(runId: string, stepId: string, number: number): Promise<void> {
    const key = this.#keys.attemptStart(runId, stepId, number);
    const starting = this.#starting.get(key);
    if (starting === undefined) return;
    try {
      await starting;
    } finally {
      this.#starting.delete(key);
    }
  }

  /** False if the attempt has ended already. */
  async end(runId: string, stepId: string, number: number, end: AttemptEnd): Promise<boolean> {
    await this.started(runId, stepId, number);
    return await insertOnce(this.#store, [record(this.#keys.attemptEnd(runId, stepId, number), end)]);
  }

  async get(runId: string, stepId: string, number: number): Promise<AttemptSummary | undefined> {
    const [start, end] = await Promise.all([
      read<AttemptRecord>(this.#store, this.#keys.attemptStart(runId, stepId, number)),
      read<AttemptEnd>(this.#store, this.#keys.attemptEnd(runId, stepId, number)),
    ]);
    return start && { ...start, ...(end && { end }) };
  }

  /** Of one step or of all steps of the run, in the order of steps and numbers. */
  async list(runId: string, stepId?: string): Promise<AttemptSummary[]> {
    const ends = new Map<string, AttemptEnd>();
    const attempts: AttemptSummary[] = [];
    // An attempt's `…/end` sorts right before its `…/start`.
    for (const { key, value } of await scanAll(this.#store, this.#keys.attempts(runId, stepId))) {
      const place = key.slice(0, key.lastIndexOf("/"));
      if (key.endsWith("/end")) {
        ends.set(place, parse<AttemptEnd>(key, value));
        continue;
      }
      const end = ends.get(place);
      attempts.push({ ...parse<AttemptRecord>(key, value), ...(end && { end }) });
    }
    return attempts;
  }
}
