import type { MetadataStore } from "../contracts/metadata-store.js";
import { type ArtifactVersions, artifactId } from "./artifact-versions.js";
import type { CacheEntry, CacheIndex } from "./cache-index.js";
import type { Keys } from "./keys.js";
import type { ArtifactVersionRecord } from "./records.js";
import { readMany, record } from "./text.js";

interface LastRun {
  readonly runId: string;
  readonly cacheKeys: readonly string[];
}

/** What a run is likely to find in the cache, read beforehand. What is not in it may still be in the ledger. */
export interface ExpectedHits {
  readonly entries: ReadonlyMap<string, CacheEntry>;
  /** By id. */
  readonly artifacts: ReadonlyMap<string, ArtifactVersionRecord>;
}

/**
 * Remembers which cache keys a run went by, so that the next run of the plan, or else of the pipeline, reads all that it
 * will want in three queries instead of one or two a step. Only keys are remembered: what they lead to is read afresh.
 */
export class LastRuns {
  readonly #store: MetadataStore;
  readonly #keys: Keys;
  readonly #cache: CacheIndex;
  readonly #versions: ArtifactVersions;
  readonly #used = new Map<string, Set<string>>();

  constructor(store: MetadataStore, keys: Keys, cache: CacheIndex, versions: ArtifactVersions) {
    this.#store = store;
    this.#keys = keys;
    this.#cache = cache;
    this.#versions = versions;
  }

  used(runId: string, cacheKey: string | undefined): void {
    if (cacheKey === undefined) return;
    const keys = this.#used.get(runId);
    if (keys === undefined) this.#used.set(runId, new Set([cacheKey]));
    else keys.add(cacheKey);
  }

  async save({ id, plan, pipeline }: { readonly id: string; readonly plan: string; readonly pipeline: string }) {
    const cacheKeys = [...(this.#used.get(id) ?? [])];
    this.#used.delete(id);
    if (cacheKeys.length === 0) return;
    const last: LastRun = { runId: id, cacheKeys };
    await this.#store.put([
      record(this.#keys.lastRunOfPlan(plan), last),
      record(this.#keys.lastRunOfPipeline(pipeline), last),
    ]);
  }

  /** A certain cache key, or any. */
  hasUsed(runId: string, cacheKey?: string): boolean {
    const used = this.#used.get(runId);
    return used !== undefined && (cacheKey === undefined || used.has(cacheKey));
  }

  async expect(plan: string, pipeline: string): Promise<ExpectedHits> {
    const [ofPlan, ofPipeline] = await readMany<LastRun>(this.#store, [
      this.#keys.lastRunOfPlan(plan),
      this.#keys.lastRunOfPipeline(pipeline),
    ]);
    const cacheKeys = (ofPlan ?? ofPipeline)?.cacheKeys ?? [];
    const found = await this.#cache.find(cacheKeys);
    const entries = new Map<string, CacheEntry>();
    for (const [index, entry] of found.entries()) if (entry) entries.set(cacheKeys[index] as string, entry);
    const ids = new Set([...entries.values()].flatMap(({ outputs }) => Object.values(outputs)));
    const records = await this.#versions.getMany([...ids]);
    const artifacts = new Map<string, ArtifactVersionRecord>();
    for (const artifact of records) if (artifact) artifacts.set(artifactId(artifact), artifact);
    return { entries, artifacts };
  }
}
