import type { Body } from "./artifact-store.js";
import type { ArtifactType } from "./artifact-type.js";
import type { JsonValue } from "./json.js";

/** Where a materializer puts the files of one artifact. */
export interface ArtifactWriter {
  /** `path` is relative, with `/` between segments: `weights/1.bin`. Each path once. A string is written as UTF-8. */
  write(path: string, body: Body | string): Promise<void>;
  readonly signal: AbortSignal | undefined;
}

/** The files of one artifact. Every byte is verified against the recorded digest before it is handed out. */
export interface ArtifactReader {
  readonly format: string;
  readonly files: readonly { readonly path: string; readonly size: number }[];
  /** Bytes from `start` up to, but without, `end`. */
  stream(path: string, range?: { start: number; end?: number }): AsyncIterable<Uint8Array>;
  bytes(path: string): Promise<Uint8Array>;
  text(path: string): Promise<string>;
  /**
   * A directory on this machine with the artifact's files in it, for libraries that want paths. Read-only; it stays
   * until the step (or the program that loaded the artifact) ends.
   */
  directory(): Promise<string>;
  readonly signal: AbortSignal | undefined;
}

/** A picture or page of an artifact, stored beside it. */
export interface Visualization {
  /** Unique among the artifact's visualizations: `confusion-matrix`. */
  readonly name: string;
  readonly mediaType: "text/html" | "image/svg+xml" | "image/png" | "text/markdown" | "text/csv" | "text/plain";
  readonly body: string | Uint8Array;
}

/**
 * Turns the values of one artifact type into files and back. Nothing that it reads may be executed.
 *
 * Saving the same value twice gives the same bytes wherever the format allows: caching and comparison rest on it.
 */
export interface Materializer<T = unknown> {
  readonly type: ArtifactType<T>;
  /** The format it writes, with its version: `json`, `arrow-ipc/1`. */
  readonly format: string;
  /** The formats it can read; its own is among them. */
  readonly reads: readonly string[];
  /** True if an output that was not declared may be saved by this one. Ask for a class or a shape, not for contents. */
  recognises?(value: unknown): value is T;
  save(value: T, files: ArtifactWriter): Promise<void>;
  load(files: ArtifactReader): Promise<T>;
  /** What is worth knowing without loading the value: shape, rows, schema. */
  metadata?(value: T): Record<string, JsonValue> | Promise<Record<string, JsonValue>>;
  visualize?(value: T): readonly Visualization[] | Promise<readonly Visualization[]>;
}
