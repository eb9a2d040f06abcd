import { compareKeys } from "../contracts/byte-order.js";
import { checkDistinctKeys, checkMetadataKey } from "../contracts/metadata-keys.js";
import type { InsertResult, MetadataRecord, MetadataStore, ScanOptions } from "../contracts/metadata-store.js";

/** A metadata store that keeps its promises and forgets everything with the process: for tests. */
export class MemoryMetadataStore implements MetadataStore {
  readonly #values = new Map<string, string>();
  /** In the order of their bytes. */
  readonly #keys: string[] = [];

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
    let first = this.#place(prefix);
    let end = first;
    while (end < this.#keys.length && this.#keys[end]?.startsWith(prefix)) end++;
    if (after !== undefined && reverse) end = Math.min(end, this.#place(after));
    if (after !== undefined && !reverse)
      first = Math.max(first, this.#place(after) + (this.#values.has(after) ? 1 : 0));
    const keys = reverse ? this.#keys.slice(Math.max(first, end - limit), end).reverse() : this.#keys.slice(first, end);
    return keys.slice(0, limit).map((key) => ({ key, value: this.#values.get(key) as string }));
  }

  async delete(keys: readonly string[]): Promise<void> {
    keys.forEach(checkMetadataKey);
    for (const key of keys) if (this.#values.delete(key)) this.#keys.splice(this.#place(key), 1);
  }

  #write(records: readonly MetadataRecord[]): void {
    for (const { key, value } of records) {
      if (!this.#values.has(key)) this.#keys.splice(this.#place(key), 0, key);
      this.#values.set(key, value);
    }
  }

  /** Where a key is, or would have to be. */
  #place(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareKeys(this.#keys[middle] as string, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
