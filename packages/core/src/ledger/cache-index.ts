import type { JsonObject } from "../contracts/json.js";
import type { MetadataRecord, MetadataStore } from "../contracts/metadata-store.js";
import type { Keys } from "./keys.js";
import type { ElementRecord, StepRunRecord } from "./records.js";
import { readMany, record } from "./text.js";

/** The outputs that a cache key leads to. */
export interface CacheEntry {
  readonly runId: string;
  readonly stepId: string;
  /** Artifact ids by output name. */
  readonly outputs: Readonly<Record<string, string>>;
  /** For one element of a map. */
  readonly elements?: Readonly<Record<string, ElementRecord>>;
  /** What the step said about itself, its run and its model, where it said anything. */
  readonly metadata?: JsonObject;
  readonly runMetadata?: JsonObject;
  readonly modelMetadata?: JsonObject;
  /** When the step that made them ended. */
  readonly created: string;
}

export class CacheIndex {
  readonly #store: MetadataStore;
  readonly #keys: Keys;

  constructor(store: MetadataStore, keys: Keys) {
    this.#store = store;
    this.#keys = keys;
  }

  /** The record that makes a committed step's outputs findable. */
  entry(cacheKey: string, step: StepRunRecord): MetadataRecord {
    const entry: CacheEntry = {
      runId: step.runId,
      stepId: step.stepId,
      outputs: step.outputs,
      ...(step.elements && { elements: step.elements }),
      ...said("metadata", step.metadata),
      ...said("runMetadata", step.runMetadata),
      ...said("modelMetadata", step.model?.metadata),
      created: step.ended,
    };
    return record(this.#keys.cached(cacheKey), entry);
  }

  /**
   * To be awaited before steps of these fingerprints are committed. Returns those of which this has never been said: no
   * step of that code is in the cache, but for what runs that go on at the same time may have put there.
   */
  async open(fingerprints: readonly string[]): Promise<Set<string>> {
    const keys = fingerprints.map((fingerprint) => this.#keys.cachedCode(fingerprint));
    const known = await this.#store.getMany(keys);
    const fresh = keys.filter((_, place) => known[place] === undefined);
    await this.#store.put(fresh.map((key) => ({ key, value: "" })));
    return new Set(fingerprints.filter((_, place) => known[place] === undefined));
  }

  /** In the order of the keys. */
  async find(cacheKeys: readonly string[]): Promise<(CacheEntry | undefined)[]> {
    return await readMany<CacheEntry>(
      this.#store,
      cacheKeys.map((key) => this.#keys.cached(key)),
    );
  }

  async replace(entry: MetadataRecord): Promise<void> {
    await this.#store.put([entry]);
  }

  async forget(cacheKey: string): Promise<void> {
    await this.#store.delete([this.#keys.cached(cacheKey)]);
  }
}

function said<K extends string>(name: K, values: JsonObject | undefined): { readonly [N in K]?: JsonObject } {
  return (values && Object.keys(values).length > 0 ? { [name]: values } : {}) as { readonly [N in K]?: JsonObject };
}
