import type { MetadataRecord, MetadataStore } from "../contracts/metadata-store.js";
import { TenonError } from "../errors.js";

/** A record's value as it is stored. */
export function record(key: string, value: unknown): MetadataRecord {
  return { key, value: JSON.stringify(value) };
}

/** @throws STORE_CORRUPT if a value is not what the ledger writes. */
export function parse<T>(key: string, value: string): T {
  try {
    return JSON.parse(value) as T;
  } catch (cause) {
    throw new TenonError("STORE_CORRUPT", {
      doing: `reading the metadata record '${key}'`,
      found: "it is not the JSON that was written there",
      fix: "Restore the metadata store from a copy; nothing in Tenon edits its records.",
      cause,
    });
  }
}

export function parseIfThere<T>(key: string, value: string | undefined): T | undefined {
  return value === undefined ? undefined : parse<T>(key, value);
}

export async function read<T>(store: MetadataStore, key: string): Promise<T | undefined> {
  return parseIfThere<T>(key, await store.get(key));
}

export async function readMany<T>(store: MetadataStore, keys: readonly string[]): Promise<(T | undefined)[]> {
  if (keys.length === 0) return [];
  const values = await store.getMany(keys);
  return values.map((value, index) => parseIfThere<T>(keys[index] as string, value));
}

/** Every record under a prefix, page by page. */
export async function scanAll(store: MetadataStore, prefix: string): Promise<MetadataRecord[]> {
  const limit = 1000;
  const found: MetadataRecord[] = [];
  for (;;) {
    const after = found.at(-1)?.key;
    const page = await store.scan(prefix, after === undefined ? { limit } : { limit, after });
    found.push(...page);
    if (page.length < limit) return found;
  }
}

/** Inserts and says whether nothing was in the way. */
export async function insertOnce(store: MetadataStore, records: readonly MetadataRecord[]): Promise<boolean> {
  return (await store.insert(records)).inserted;
}
