import type { MetadataStore } from "../contracts/metadata-store.js";
import type { Keys } from "./keys.js";

/** A reference counts only as long as its run is on record: what deleted runs have left behind holds nothing. */
export class LivingRuns {
  readonly #store: MetadataStore;
  readonly #keys: Keys;

  constructor(store: MetadataStore, keys: Keys) {
    this.#store = store;
    this.#keys = keys;
  }

  /** Those of them that are on record; one read for a thousand. */
  async among(ids: Iterable<string>): Promise<Set<string>> {
    const wanted = [...new Set(ids)];
    const living = new Set<string>();
    for (let start = 0; start < wanted.length; start += 1000) {
      const batch = wanted.slice(start, start + 1000);
      const found = await this.#store.getMany(batch.map((id) => this.#keys.run(id)));
      for (const [place, id] of batch.entries()) if (found[place] !== undefined) living.add(id);
    }
    return living;
  }
}
