import { createReadStream } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * Where the bytes of a TFRecord file come from: a path or `file:` URL, the bytes themselves, or a stream of them (a
 * Node `Readable`, an artifact's `files.stream(path)`). The pieces of a stream must not be written to again: records are
 * handed out as views of them.
 */
export type RecordSource = string | URL | Uint8Array | AsyncIterable<Uint8Array>;

/** The unit in which files are read and written, in bytes. */
export const pieceBytes = 1 << 20;

/** What an error calls a source. */
export function nameOf(source: RecordSource): string {
  if (typeof source === "string") return source;
  return source instanceof URL ? fileURLToPath(source) : "TFRecord data";
}

export function piecesOf(source: RecordSource, signal?: AbortSignal): AsyncIterable<Uint8Array> {
  if (source instanceof Uint8Array) return once(source);
  if (typeof source === "string" || source instanceof URL) {
    return createReadStream(source, { highWaterMark: pieceBytes, ...(signal && { signal }) });
  }
  return source;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield bytes;
}
