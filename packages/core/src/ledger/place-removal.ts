import type { MetadataStore } from "../contracts/metadata-store.js";
import { Checkpoints } from "./checkpoints.js";
import type { Keys } from "./keys.js";
import type { LivingRuns } from "./living-runs.js";
import type { ArtifactVersionRecord, StepRunRecord } from "./records.js";
import { parse, record } from "./text.js";

/** What is known of where bytes lie. */
export interface KnownPlaces {
  /** Of artifact versions that are there. */
  readonly named: ReadonlySet<string>;
  /** Of those that were removed; what is not also named is garbage. */
  readonly removed: ReadonlySet<string>;
}

/** A week: by then nobody goes on with work that failed. */
const checkpointsStayMs = 7 * 24 * 60 * 60 * 1000;

/** Which places in the artifact store the ledger names, and which bytes may go. */
export class PlaceRemoval {
  readonly #store: MetadataStore;
  readonly #keys: Keys;
  readonly #living: LivingRuns;
  readonly #checkpoints: Checkpoints;

  constructor(store: MetadataStore, keys: Keys, living: LivingRuns) {
    this.#store = store;
    this.#keys = keys;
    this.#living = living;
    this.#checkpoints = new Checkpoints(store, keys);
  }

  /** @param without ids of artifacts that are to be taken for removed */
  async known(without: ReadonlySet<string> = new Set()): Promise<KnownPlaces> {
    const named = new Set<string>();
    const removed = new Set<string>();
    for await (const artifact of this.#each<ArtifactVersionRecord>(this.#keys.allVersions())) {
      const gone = artifact.removed !== undefined || without.has(`${artifact.name}@${artifact.version}`);
      for (const { location } of artifact.elements ?? [artifact]) (gone ? removed : named).add(location);
    }
    const newest = Date.now() - checkpointsStayMs;
    for (const { location, created } of await this.#checkpoints.all()) {
      if (Date.parse(created) > newest) named.add(location);
    }
    for (const place of named) removed.delete(place);
    return { named, removed };
  }

  /** Of these places those that no step of a run on record has made or taken as an element of a map. */
  async withoutElements(places: ReadonlySet<string>): Promise<Set<string>> {
    const free = new Set(places);
    if (free.size === 0) return free;
    const found: [place: string, runId: string][] = [];
    for await (const { runId, elements } of this.#each<StepRunRecord>(this.#keys.allStepRuns())) {
      for (const { location } of Object.values(elements ?? {})) if (free.has(location)) found.push([location, runId]);
    }
    const living = await this.#living.among(found.map(([, runId]) => runId));
    for (const [place, runId] of found) if (living.has(runId)) free.delete(place);
    return free;
  }

  /** Says that the bytes at a place are about to go. False if a run uses them: then they have to stay. */
  async doom(place: string): Promise<boolean> {
    const mark = this.#keys.doomedPlace(place);
    await this.#store.insert([record(mark, place)]);
    const prefix = this.#keys.holdersOfPlace(place);
    const holders = await this.#store.scan(prefix);
    const living = await this.#living.among(holders.map(({ key }) => key.slice(prefix.length)));
    if (living.size > 0) await this.spare(place);
    return living.size === 0;
  }

  /** The bytes are gone, or stay: whoever looks after this finds out by looking at the bytes. */
  async spare(place: string): Promise<void> {
    await this.#store.delete([this.#keys.doomedPlace(place)]);
  }

  /** What collectors that were killed have left doomed. */
  async doomed(): Promise<Set<string>> {
    const places = new Set<string>();
    for await (const place of this.#each<string>(this.#keys.doomedPlaces())) places.add(place);
    return places;
  }

  async *#each<T>(prefix: string): AsyncIterable<T> {
    let after: string | undefined;
    for (;;) {
      const page = await this.#store.scan(prefix, after === undefined ? {} : { after });
      for (const { key, value } of page) yield parse<T>(key, value);
      if (page.length < 1000) return;
      after = page.at(-1)?.key;
    }
  }
}
