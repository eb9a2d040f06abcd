import type { MetadataRecord, MetadataStore } from "../contracts/metadata-store.js";
import type { Keys } from "./keys.js";
import type { LivingRuns } from "./living-runs.js";
import { nameOf } from "./names.js";
import type { ArtifactVersionRecord } from "./records.js";
import { parse, record, scanAll } from "./text.js";

/** Removes artifact versions that no run, no model and no tag holds. Their records stay, marked, as do their numbers. */
export class ArtifactRemoval {
  readonly #store: MetadataStore;
  readonly #keys: Keys;
  readonly #living: LivingRuns;

  constructor(store: MetadataStore, keys: Keys, living: LivingRuns) {
    this.#store = store;
    this.#keys = keys;
    this.#living = living;
  }

  /** The versions of one name that nothing holds, oldest first. A handful of reads for every thousand versions. */
  async unheld(name: string): Promise<ArtifactVersionRecord[]> {
    const all = (await scanAll(this.#store, this.#keys.versions(name))).map(({ key, value }) =>
      parse<ArtifactVersionRecord>(key, value),
    );
    const there = all.filter(({ removed, tags }) => removed === undefined && tags.length === 0);
    const makers = await this.#living.among(there.flatMap(({ producer }) => producer?.runId ?? []));
    const orphans = there.filter(({ producer }) => producer === undefined || !makers.has(producer.runId));
    if (orphans.length === 0) return [];
    const inModels = await scanAll(this.#store, this.#keys.modelsOfName(name));
    const held = new Set(inModels.map(({ key }) => partsAfter(this.#keys.modelsOfName(name), key)[0] as string));
    const users: [version: string, runId: string][] = [];
    for (const prefix of [this.#keys.consumersOfName(name), this.#keys.pinnedOfName(name)]) {
      for (const { key } of await scanAll(this.#store, prefix)) {
        users.push(partsAfter(prefix, key).slice(0, 2) as [string, string]);
      }
    }
    const living = await this.#living.among(users.map(([, runId]) => runId));
    for (const [version, runId] of users) if (living.has(runId)) held.add(version);
    return orphans.filter(({ version }) => !held.has(version));
  }

  /**
   * Removes one that nothing holds. False if somebody has begun to use it in the meantime. To be called by the one
   * collector that there is.
   */
  async remove(artifact: ArtifactVersionRecord, now = new Date().toISOString()): Promise<boolean> {
    const { name, version, number } = artifact;
    const mark = this.#keys.doomedArtifact(name, version);
    // One that is there already was left by a collector that was killed.
    await this.#store.insert([record(mark, number)]);
    if (await this.#isHeld(name, version)) {
      await this.#store.delete([mark]);
      return false;
    }
    // The mark stays: it tells those who have read the record before.
    await this.#store.put([record(this.#keys.version(name, number), { ...artifact, removed: now })]);
    return true;
  }

  /** What collectors that were killed have left doomed: it is removed now, or no longer doomed. */
  async finish(): Promise<ArtifactVersionRecord[]> {
    const removed: ArtifactVersionRecord[] = [];
    const marks = await scanAll(this.#store, this.#keys.doomedArtifacts());
    for (let start = 0; start < marks.length; start += 1000) {
      const keys = marks.slice(start, start + 1000).map((mark) => this.#versionOf(mark));
      const records = await this.#store.getMany(keys);
      for (const [place, value] of records.entries()) {
        if (value === undefined) continue;
        const artifact = parse<ArtifactVersionRecord>(keys[place] as string, value);
        if (artifact.removed === undefined && (await this.remove(artifact))) removed.push(artifact);
      }
    }
    return removed;
  }

  /** Entries of the cache that lead to what was removed: they would be misses for ever. */
  async forgetCached(removed: ReadonlySet<string>): Promise<void> {
    if (removed.size === 0) return;
    const gone = (await scanAll(this.#store, this.#keys.cacheEntries())).filter(({ key, value }) =>
      Object.values(parse<{ outputs: Record<string, string> }>(key, value).outputs).some((id) => removed.has(id)),
    );
    for (let start = 0; start < gone.length; start += 500) {
      await this.#store.delete(gone.slice(start, start + 500).map(({ key }) => key));
    }
  }

  async #isHeld(name: string, version: string): Promise<boolean> {
    if ((await this.#store.scan(this.#keys.modelsOf(name, version), { limit: 1 })).length > 0) return true;
    const users: string[] = [];
    for (const prefix of [this.#keys.consumers(name, version), this.#keys.pinnedBy(name, version)]) {
      for (const { key } of await scanAll(this.#store, prefix)) users.push(partsAfter(prefix, key)[0] as string);
    }
    return (await this.#living.among(users)).size > 0;
  }

  #versionOf({ key, value }: MetadataRecord): string {
    const [name] = partsAfter(this.#keys.doomedArtifacts(), key) as [string];
    return this.#keys.version(name, parse<number>(key, value));
  }
}

function partsAfter(prefix: string, key: string): string[] {
  return key.slice(prefix.length).split("/").map(nameOf);
}
