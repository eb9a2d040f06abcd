import { checkDistinctKeys, checkMetadataKey, compareBytes } from "../contracts/metadata-keys.js";
import type { InsertResult, MetadataRecord, MetadataStore, ScanOptions } from "../contracts/metadata-store.js";

/** A metadata store that keeps its promises and forgets everything with the process: for tests. */
export class MemoryMetadataStore implements MetadataStore {
  readonly #values = new Map<string, string>();
  /** In order; undefined while keys have come or gone since they were put in order. */
  #ordered: string[] | undefined;

  async get(key: string): Promise<string | undefined> {
    checkMetadataKey(key);
    return this.#values.get(key);
  }

  async getMany(keys: readonly string[]): Promise<(string | undefined)[]> {
    keys.forEach(checkMetadataKey);
    return keys.map((key) => this.#values.get(key));
  }

  async put(records: readonly MetadataRecord[]): Promise<void> {
    for (const { key } of records) checkMetadataKey(key);
    this.#write(records);
  }

  async insert(records: readonly MetadataRecord[]): Promise<InsertResult> {
    checkDistinctKeys(records);
    const existing = records.map(({ key }) => key).filter((key) => this.#values.has(key));
    if (existing.length > 0) return { inserted: false, existing };
    this.#write(records);
    return { inserted: true };
  }

  async scan(
    prefix: string,
    { after, limit = 1000, reverse = false }: ScanOptions = {},
  ): Promise<readonly MetadataRecord[]> {
    if (prefix !== "") checkMetadataKey(prefix);
    if (after !== undefined) checkMetadataKey(after);
    this.#ordered ??= [...this.#values.keys()].sort(compareBytes);
    const found: MetadataRecord[] = [];
    const keys = reverse ? this.#ordered.toReversed() : this.#ordered;
    for (const key of keys) {
      if (found.length >= limit) break;
      if (!key.startsWith(prefix)) continue;
      if (after !== undefined && (reverse ? compareBytes(key, after) >= 0 : compareBytes(key, after) <= 0)) continue;
      found.push({ key, value: this.#values.get(key) as string });
    }
    return found;
  }

  async delete(keys: readonly string[]): Promise<void> {
    keys.forEach(checkMetadataKey);
    for (const key of keys) this.#values.delete(key);
    this.#ordered = undefined;
  }

  #write(records: readonly MetadataRecord[]): void {
    for (const { key, value } of records) this.#values.set(key, value);
    this.#ordered = undefined;
  }
}
