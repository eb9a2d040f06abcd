import type { RunStatus } from "../contracts/hooks.js";
import type { MetadataStore } from "../contracts/metadata-store.js";
import { TenonError } from "../errors.js";
import { type ArtifactVersions, parseArtifactId } from "./artifact-versions.js";
import type { Keys } from "./keys.js";
import { nameOf } from "./names.js";
import type { ErrorRecord, RunRecord, SessionEnd, SessionRecord } from "./records.js";
import type { Sessions } from "./sessions.js";
import { insertOnce, parse, read, readMany, record } from "./text.js";

/** A run with what has come of it so far. */
export interface RunSummary extends RunRecord {
  readonly status: RunStatus;
  /** The number of its latest session; 0 if no driver has begun with it. */
  readonly session: number;
  /** Who drives the latest session, or did. */
  readonly driver?: string;
  /** When the latest session started. */
  readonly started: string;
  readonly ended?: string;
  /** Of the latest session, in milliseconds. */
  readonly durationMs?: number;
  readonly error?: ErrorRecord;
}

export interface RunFilter {
  readonly pipeline?: string;
  readonly status?: RunStatus;
  readonly tag?: string;
  /** Only runs that made or used a version of this model. */
  readonly model?: string;
  /** Only runs that made or took this artifact version: its id. */
  readonly artifact?: string;
  /** Only runs whose id is this one's or greater. */
  readonly since?: string;
  /** Only runs older than this one. */
  readonly before?: string;
  /** At most so many; by default 50. */
  readonly limit?: number;
}

/** Ids of runs, newest first, of those that come before a run. One may come twice. */
type Ids = (
  before: string | undefined,
  limit: number,
) => Promise<{ readonly ids: readonly string[]; readonly more: boolean }>;

export class Runs {
  readonly #store: MetadataStore;
  readonly #keys: Keys;
  readonly #sessions: Sessions;
  readonly #versions: Pick<ArtifactVersions, "get">;

  constructor(store: MetadataStore, keys: Keys, sessions: Sessions, versions: Pick<ArtifactVersions, "get">) {
    this.#store = store;
    this.#keys = keys;
    this.#sessions = sessions;
    this.#versions = versions;
  }

  /** With a driver's name the run's first session begins in the same write. */
  async start(run: RunRecord, driver?: string): Promise<SessionRecord | undefined> {
    const session = driver === undefined ? undefined : { runId: run.id, number: 1, driver, started: run.created };
    const inserted = await insertOnce(this.#store, [
      record(this.#keys.run(run.id), run),
      { key: `${this.#keys.runsOf(run.pipeline)}${run.id}`, value: "" },
      ...[...new Set(run.tags)].map((tag) => ({ key: `${this.#keys.runsTagged(tag)}${run.id}`, value: "" })),
      ...(session ? this.#sessions.opening(session) : [{ key: this.#keys.runStatus("running", run.id, 0), value: "" }]),
    ]);
    if (!inserted) {
      throw new TenonError("INTERNAL", { doing: `starting run ${run.id}`, found: "there is a run of that id already" });
    }
    if (session) this.#sessions.begun(session);
    return session;
  }

  async get(id: string): Promise<RunSummary | undefined> {
    return (await this.summaries([id]))[0];
  }

  async record(id: string): Promise<RunRecord | undefined> {
    return await read<RunRecord>(this.#store, this.#keys.run(id));
  }

  /** Newest first. Of several conditions one is looked up in its index; the others are checked. */
  async list(filter: RunFilter = {}): Promise<RunSummary[]> {
    const { limit = 50, since = "" } = filter;
    const next = this.#narrowest(filter);
    const found = new Map<string, RunSummary>();
    let before = filter.before;
    for (;;) {
      const { ids, more } = await next(before, limit + 20);
      const young = [...new Set(ids)].filter((id) => id >= since && !found.has(id));
      for (const run of await this.summaries(young)) if (run && fits(run, filter)) found.set(run.id, run);
      before = ids.at(-1);
      if (found.size >= limit || !more || (before !== undefined && before < since)) break;
    }
    return [...found.values()].slice(0, limit);
  }

  /** Runs whose id begins so, newest first, at most ten. */
  async find(idPrefix: string): Promise<RunSummary[]> {
    for (const start of new Set([idPrefix, idPrefix.toUpperCase()])) {
      const prefix = `${this.#keys.runs()}${start}`;
      const page = await this.#store.scan(prefix, { reverse: true, limit: 10 });
      const runs = await this.summaries(page.map(({ key }) => key.slice(this.#keys.runs().length)));
      if (runs.length > 0) return runs.filter((run) => run !== undefined);
    }
    return [];
  }

  /** The names of all pipelines that have ever run, in order. */
  async pipelines(): Promise<string[]> {
    const prefix = this.#keys.pipelines();
    const names: string[] = [];
    let after: string | undefined;
    for (;;) {
      const [next] = await this.#store.scan(prefix, { limit: 1, ...(after ? { after } : {}) });
      if (next === undefined) return names;
      const part = next.key.slice(prefix.length, next.key.indexOf("/", prefix.length));
      names.push(nameOf(part));
      after = `${prefix}${part}0`; // `0` is the character after `/`: on to the next name
    }
  }

  #narrowest({ artifact, model, tag, status, pipeline }: RunFilter): Ids {
    if (artifact !== undefined) return this.#ofArtifact(artifact);
    if (model !== undefined) return this.#under(this.#keys.runsOfModel(model));
    if (tag !== undefined) return this.#under(this.#keys.runsTagged(tag));
    if (status !== undefined && (pipeline === undefined || status !== "succeeded")) {
      return this.#under(this.#keys.runsThatAre(status));
    }
    return this.#under(pipeline === undefined ? this.#keys.runs() : this.#keys.runsOf(pipeline));
  }

  /** Runs in the order of keys that go on with a run's id. */
  #under(prefix: string): Ids {
    return async (before, limit) => {
      const after = before === undefined ? {} : { after: `${prefix}${before}` };
      const page = await this.#store.scan(prefix, { reverse: true, limit, ...after });
      const ids = page.map(({ key }) => key.slice(prefix.length).split("/")[0] as string);
      return { ids, more: page.length === limit };
    };
  }

  /** Three sources in one order: who made it, who took it, who holds it. */
  #ofArtifact(id: string): Ids {
    const { name, version } = parseArtifactId(id);
    const sources = [this.#under(this.#keys.consumers(name, version)), this.#under(this.#keys.pinnedBy(name, version))];
    return async (before, limit) => {
      const pages = await Promise.all(sources.map((source) => source(before, limit)));
      // What lies beyond the end of a page that is full may not be complete: it comes with the next one.
      const ends = pages.flatMap(({ ids, more }) => (more ? [ids.at(-1) as string] : []));
      const end = ends.sort().at(-1) ?? "";
      const made = await this.#producer(id);
      const all = [...pages.flatMap(({ ids }) => ids), ...(made === undefined ? [] : [made])];
      const ids = [...new Set(all)].filter((one) => one >= end && (before === undefined || one < before));
      return { ids: ids.sort().reverse(), more: ends.length > 0 };
    };
  }

  async #producer(id: string): Promise<string | undefined> {
    return (await this.#versions.get(id))?.producer?.runId;
  }

  /** Two batched reads, and one more for each session that a resumed run has beyond its first. */
  async summaries(ids: readonly string[]): Promise<(RunSummary | undefined)[]> {
    const runs = await readMany<RunRecord>(
      this.#store,
      ids.map((id) => this.#keys.run(id)),
    );
    const sessions = new Map<
      string,
      { number: number; start?: SessionRecord | undefined; end?: SessionEnd | undefined }
    >();
    let open = runs.filter((run) => run !== undefined).map(({ id }) => id);
    for (let number = 1; open.length > 0; number++) {
      const keys = open.flatMap((id) => [this.#keys.sessionStart(id, number), this.#keys.sessionEnd(id, number)]);
      const next = number === 1 ? open.map((id) => this.#keys.sessionStart(id, 2)) : [];
      const values = await this.#store.getMany([...keys, ...next]);
      const later: string[] = [];
      for (const [index, id] of open.entries()) {
        const start = values[index * 2];
        if (start === undefined) continue;
        const end = values[index * 2 + 1];
        sessions.set(id, {
          number,
          start: parse<SessionRecord>(keys[index * 2] as string, start),
          end: end === undefined ? undefined : parse<SessionEnd>(keys[index * 2 + 1] as string, end),
        });
        if (number > 1 || values[keys.length + index] !== undefined) later.push(id);
      }
      open = later;
    }
    return runs.map((run) => run && summary(run, sessions.get(run.id) ?? { number: 0 }));
  }
}

function summary(
  run: RunRecord,
  { number, start, end }: { number: number; start?: SessionRecord | undefined; end?: SessionEnd | undefined },
): RunSummary {
  return {
    ...run,
    status: end?.status ?? "running",
    session: number,
    ...(start && { driver: start.driver }),
    started: start?.started ?? run.created,
    ...(end && { ended: end.ended, durationMs: end.durationMs }),
    ...(end?.error && { error: end.error }),
  };
}

function fits(run: RunSummary, { pipeline, status, tag }: RunFilter): boolean {
  return (
    (pipeline === undefined || run.pipeline === pipeline) &&
    (status === undefined || run.status === status) &&
    (tag === undefined || run.tags.includes(tag))
  );
}
