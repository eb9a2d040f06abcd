import type { MetadataStore } from "../contracts/metadata-store.js";
import { TenonError } from "../errors.js";
import type { Keys } from "./keys.js";
import type { SessionEnd, SessionRecord } from "./records.js";
import { insertOnce, parse, parseIfThere, read, record } from "./text.js";

/** A driver's sign of life. Who watches it judges by whether the counter moves, not by clocks. */
export interface Lease {
  readonly session: number;
  readonly counter: number;
}

/** Stands where a driver's name would, in the last session of a run that was deleted. */
export const deletion = "deletion";

/** The times that drivers spend with a run: sessions, their leases, and requests to stop. */
export class Sessions {
  readonly #store: MetadataStore;
  readonly #keys: Keys;
  readonly #counters = new Map<string, number>();
  /** The session that this process has of each run. */
  readonly #own = new Map<string, number>();

  constructor(store: MetadataStore, keys: Keys) {
    this.#store = store;
    this.#keys = keys;
  }

  /** What has to be inserted for a session to begin. */
  opening(session: SessionRecord) {
    return [
      record(this.#keys.sessionStart(session.runId, session.number), session),
      { key: this.#keys.runStatus("running", session.runId, session.number), value: "" },
    ];
  }

  begun(session: SessionRecord): void {
    this.#own.set(session.runId, session.number);
  }

  /**
   * Takes a run over, or begins with it. A session that nobody ended is ended by that.
   *
   * @param after the session that is taken over, as the caller knows it
   * @throws RUN_LEASE_LOST if another driver was faster.
   */
  async begin(runId: string, driver: string, after?: number): Promise<SessionRecord> {
    const latest = await this.latest(runId);
    if (after !== undefined && after !== (latest?.session.number ?? 0)) throw takenFirst(runId);
    if (latest?.session.driver === deletion) {
      throw new TenonError("RUN_UNKNOWN", { doing: `taking over run ${runId}`, found: "it was deleted" });
    }
    const started = new Date().toISOString();
    const session: SessionRecord = { runId, number: (latest?.session.number ?? 0) + 1, driver, started };
    const takeover = latest && !latest.end ? [this.#takenOver(latest.session, session)] : [];
    let result = await this.#store.insert([...this.opening(session), ...takeover]);
    // The earlier driver may have come to its end in between; that does not hinder a new one.
    if (!result.inserted && takeover.length > 0 && result.existing.every((key) => key === takeover[0]?.key)) {
      result = await this.#store.insert(this.opening(session));
    }
    if (!result.inserted) {
      throw takenFirst(runId);
    }
    this.begun(session);
    if (latest) {
      const status = latest.end?.status ?? "running";
      await this.#store.delete([this.#keys.runStatus(status, runId, latest.session.number)]);
    }
    return session;
  }

  /** False if the session has ended already, by itself or by a takeover. */
  async end(runId: string, number: number, end: SessionEnd): Promise<boolean> {
    const ended = await insertOnce(this.#store, [
      record(this.#keys.sessionEnd(runId, number), end),
      { key: this.#keys.runStatus(end.status, runId, number), value: "" },
    ]);
    this.#own.delete(runId);
    this.#counters.delete(runId);
    // Whoever lists running runs checks each against its session, so a crash right here does no harm.
    if (ended) await this.#store.delete([this.#keys.runStatus("running", runId, number)]);
    return ended;
  }

  async latest(runId: string): Promise<{ session: SessionRecord; end: SessionEnd | undefined } | undefined> {
    const prefix = this.#keys.sessions(runId);
    // `…/start` sorts after `…/end`, so the last record of all is the start of the last session.
    const [start, before] = await this.#store.scan(prefix, { reverse: true, limit: 2 });
    if (start === undefined) return undefined;
    const session = parse<SessionRecord>(start.key, start.value);
    const endKey = this.#keys.sessionEnd(runId, session.number);
    return { session, end: before?.key === endKey ? parse<SessionEnd>(endKey, before.value) : undefined };
  }

  /** The session that this process has begun, else the latest; 0 if there is none. */
  async current(runId: string): Promise<number> {
    return this.#own.get(runId) ?? (await this.latest(runId))?.session.number ?? 0;
  }

  async beat(runId: string, session: number): Promise<void> {
    const counter = (this.#counters.get(runId) ?? 0) + 1;
    this.#counters.set(runId, counter);
    await this.#store.put([record(this.#keys.beat(runId, session), { session, counter } satisfies Lease)]);
  }

  async lease(runId: string): Promise<Lease | undefined> {
    const [beat] = await this.#store.scan(this.#keys.beats(runId), { reverse: true, limit: 1 });
    return beat && parseIfThere<Lease>(beat.key, beat.value);
  }

  /** Asks the present session to stop; a later one is not meant. */
  async requestCancel(runId: string): Promise<void> {
    const session = await this.current(runId);
    await this.#store.insert([record(this.#keys.cancel(runId, session), { requested: new Date().toISOString() })]);
  }

  async cancelRequested(runId: string, session?: number): Promise<boolean> {
    const key = this.#keys.cancel(runId, session ?? (await this.current(runId)));
    return (await read(this.#store, key)) !== undefined;
  }

  #takenOver(lost: SessionRecord, by: SessionRecord) {
    const end: SessionEnd = {
      status: "failed",
      ended: by.started,
      durationMs: Math.max(0, Date.parse(by.started) - Date.parse(lost.started)),
      error: { code: "RUN_LEASE_LOST", message: `The driver ${by.driver} has taken the run over`, causes: [] },
    };
    return record(this.#keys.sessionEnd(lost.runId, lost.number), end);
  }
}

function takenFirst(runId: string): TenonError {
  return new TenonError("RUN_LEASE_LOST", {
    doing: `taking over run ${runId}`,
    found: "another driver has taken it over first",
    fix: `See what it does with: tenon run show ${runId}`,
  });
}
