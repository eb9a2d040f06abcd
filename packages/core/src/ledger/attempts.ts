import type { MetadataRecord, MetadataStore } from "../contracts/metadata-store.js";
import type { Keys } from "./keys.js";
import type { AttemptEnd, AttemptLaunch, AttemptRecord } from "./records.js";
import { insertOnce, parse, read, readMany, record, scanAll } from "./text.js";

/** One try of a step, and how it ended if it has. */
export interface AttemptSummary extends AttemptRecord {
  readonly end?: AttemptEnd;
  /** Once an engine whose names last has accepted it. */
  readonly launch?: AttemptLaunch;
}

/** How long the start of an attempt may wait for its end, to be written with it; in milliseconds. */
const patience = 50;

/** The tries of steps. How one ends is settled by who first inserts its end. */
export class Attempts {
  readonly #store: MetadataStore;
  readonly #keys: Keys;
  readonly #starting = new Map<string, Promise<boolean>>();
  readonly #noted = new Map<string, MetadataRecord>();
  #timer: NodeJS.Timeout | undefined;

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
    this.#await(keys, starting);
    return starting;
  }

  /**
   * For an attempt in this very process: its start is written with its end, or by itself if that is some time off. Should
   * the process die before, the attempt is unknown, and it has done nothing that anyone could see.
   */
  note(attempt: AttemptRecord): void {
    const key = this.#keys.attemptStart(attempt.runId, attempt.stepId, attempt.number);
    this.#noted.set(key, record(key, attempt));
    this.#timer ??= setTimeout(() => void this.flush().catch(() => {}), patience).unref();
  }

  /** The start that is still to be written; whoever takes it writes it. */
  take(runId: string, stepId: string, number: number): MetadataRecord[] {
    const key = this.#keys.attemptStart(runId, stepId, number);
    const noted = this.#noted.get(key);
    this.#noted.delete(key);
    return noted ? [noted] : [];
  }

  /** Writes what was noted and has not ended. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const records = [...this.#noted.values()];
    this.#noted.clear();
    if (records.length === 0) return;
    const writing = insertEach(this.#store, records);
    this.#await(
      records.map(({ key }) => key),
      writing,
    );
    await writing;
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

  /** How an engine knows attempts of a run; what was said before is replaced. */
  async noteLaunches(
    runId: string,
    launches: readonly (AttemptLaunch & { readonly stepId: string; readonly number: number })[],
  ): Promise<void> {
    const records = launches.map(({ stepId, number, ...launch }) =>
      record(this.#keys.attemptLaunch(runId, stepId, number), launch),
    );
    if (records.length > 0) await this.#store.put(records);
  }

  /** False if the attempt has ended already. */
  async end(runId: string, stepId: string, number: number, end: AttemptEnd): Promise<boolean> {
    const start = this.take(runId, stepId, number);
    await this.started(runId, stepId, number);
    const ending = record(this.#keys.attemptEnd(runId, stepId, number), end);
    const result = await this.#store.insert([...start, ending]);
    if (result.inserted || result.existing.includes(ending.key)) return result.inserted;
    return await insertOnce(this.#store, [ending]);
  }

  /** For each whether it has ended, in one read. */
  async haveEnded(
    runId: string,
    attempts: readonly { readonly stepId: string; readonly number: number }[],
  ): Promise<readonly boolean[]> {
    const keys = attempts.map(({ stepId, number }) => this.#keys.attemptEnd(runId, stepId, number));
    return (await readMany<AttemptEnd>(this.#store, keys)).map((end) => end !== undefined);
  }

  async get(runId: string, stepId: string, number: number): Promise<AttemptSummary | undefined> {
    await this.flush();
    const [start, end] = await Promise.all([
      read<AttemptRecord>(this.#store, this.#keys.attemptStart(runId, stepId, number)),
      read<AttemptEnd>(this.#store, this.#keys.attemptEnd(runId, stepId, number)),
    ]);
    return start && { ...start, ...(end && { end }) };
  }

  /** Of one step or of all steps of the run, in the order of steps and numbers. */
  async list(runId: string, stepId?: string): Promise<AttemptSummary[]> {
    await this.flush();
    const ends = new Map<string, AttemptEnd>();
    const launches = new Map<string, AttemptLaunch>();
    const attempts: AttemptSummary[] = [];
    // An attempt's `…/end` and `…/launch` sort right before its `…/start`.
    for (const { key, value } of await scanAll(this.#store, this.#keys.attempts(runId, stepId))) {
      const place = key.slice(0, key.lastIndexOf("/"));
      if (key.endsWith("/end")) {
        ends.set(place, parse<AttemptEnd>(key, value));
        continue;
      }
      if (key.endsWith("/launch")) {
        launches.set(place, parse<AttemptLaunch>(key, value));
        continue;
      }
      const end = ends.get(place);
      const launch = launches.get(place);
      attempts.push({ ...parse<AttemptRecord>(key, value), ...(end && { end }), ...(launch && { launch }) });
    }
    return attempts;
  }

  #await(keys: readonly string[], starting: Promise<boolean>): void {
    for (const key of keys) this.#starting.set(key, starting);
    const forget = () => {
      for (const key of keys) this.#starting.delete(key);
    };
    // A failure is handed to the caller and to whoever ends the attempt; without either it must not end the process.
    starting.then(forget, () => {});
  }
}

/** All at once if nothing is in the way, else each by itself. */
async function insertEach(store: MetadataStore, records: readonly MetadataRecord[]): Promise<boolean> {
  if (await insertOnce(store, records)) return true;
  if (records.length > 1) for (const one of records) await insertOnce(store, [one]);
  return false;
}
