import type { Probed } from "./probe.js";

/** A record: a key and a text (JSON, as the ledger writes it). */
export interface MetadataRecord {
  readonly key: string;
  readonly value: string;
}

/** All were inserted, or none; `existing` names one or more keys that were there already. */
export type InsertResult =
  | { readonly inserted: true }
  | { readonly inserted: false; readonly existing: readonly string[] };

export interface ScanOptions {
  /** Only keys after this one (before it, if reversed). */
  readonly after?: string;
  /** At most so many; by default 1,000. */
  readonly limit?: number;
  /** From the last key to the first. */
  readonly reverse?: boolean;
}

/**
 * Ordered records, shared by many processes. Keys are ordered by their bytes in UTF-8 and distinct by case, accent and
 * trailing space; they hold 1 to 250 bytes, without control characters, or are refused with `KEY_INVALID`. A value holds
 * up to 16 MiB at least. A read sees every write that had completed before it began, whoever wrote.
 */
export interface MetadataStore extends Probed {
  get(key: string): Promise<string | undefined>;

  /** One entry a key, in the order asked for; `undefined` where there is none. */
  getMany(keys: readonly string[]): Promise<(string | undefined)[]>;

  /** Writes all of them or none, over what was there. */
  put(records: readonly MetadataRecord[]): Promise<void>;

  /**
   * Writes all of them if none of their keys is there, else nothing. Of concurrent inserts of one key exactly one
   * succeeds.
   */
  insert(records: readonly MetadataRecord[]): Promise<InsertResult>;

  /** The records whose key begins with `prefix`, in the order of the keys. */
  scan(prefix: string, options?: ScanOptions): Promise<readonly MetadataRecord[]>;

  /** Deletes all of them or none; one that is not there does not matter. */
  delete(keys: readonly string[]): Promise<void>;

  dispose?(): Promise<void> | void;
}
