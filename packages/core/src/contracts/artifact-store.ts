import type { Probed } from "./probe.js";

/**
 * Bytes that are there, or that come. A string is not a body: say which encoding. A piece that has come may be written
 * over by its producer once the next one is asked for.
 */
export type Body = Uint8Array | AsyncIterable<Uint8Array>;

export interface WriteOptions {
  /** Write only if nothing is stored under the key; then at most one of many concurrent writers succeeds. */
  readonly ifAbsent?: boolean;
  readonly signal?: AbortSignal;
}

export interface ReadOptions {
  /** Bytes from `start` up to, but without, `end` (default: the end of the object). */
  readonly range?: { readonly start: number; readonly end?: number };
  readonly signal?: AbortSignal;
}

export interface ListOptions {
  /** Only keys after this one, in byte order. */
  readonly after?: string;
  /** At most so many; at least 1, by default 1,000. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

export interface ObjectEntry {
  readonly key: string;
  /** In bytes. */
  readonly size: number;
}

export interface ObjectPage {
  /** In the byte order of their keys. */
  readonly entries: readonly ObjectEntry[];
  /** Pass it as `after` to go on; absent on the last page. */
  readonly next?: string;
}

/**
 * Keys to bytes. A key is one or more segments of any characters but `/`, `.`, `..` alone and control characters,
 * joined by `/`; at most 900 bytes in UTF-8. Any other key is refused with `KEY_INVALID`, never changed. Keys are
 * distinct by case and by Unicode form.
 *
 * A write is atomic: a reader sees the old object or the new one, whole. A write that fails, or is cancelled, leaves
 * no trace under its key.
 */
export interface ArtifactStore extends Probed {
  /** Resolves to false if `ifAbsent` was asked for and the key is taken, to true once the object is stored. */
  write(key: string, body: Body, options?: WriteOptions): Promise<boolean>;

  /**
   * The bytes of an object; they may be asked for once. A piece that was handed out is not written to again.
   * @throws `ARTIFACT_MISSING` on the first read if there is no object of that key.
   */
  read(key: string, options?: ReadOptions): AsyncIterable<Uint8Array>;

  stat(key: string, options?: { signal?: AbortSignal }): Promise<ObjectEntry | undefined>;

  list(prefix: string, options?: ListOptions): Promise<ObjectPage>;

  /** Deleting what is not there succeeds. */
  delete(key: string, options?: { signal?: AbortSignal }): Promise<void>;

  /** Where the object lies, for people: `gs://bucket/key`, `/home/ada/.tenon/artifacts/key`. */
  uri(key: string): string;

  dispose?(): Promise<void> | void;
}
