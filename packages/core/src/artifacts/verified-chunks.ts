import { TenonError } from "../errors.js";
import { sha256InPool } from "./file-digest.js";
import type { ManifestFile } from "./manifest.js";

/** How many chunks are read ahead while one is being verified. */
const readAhead = 1;

export interface VerifiedRange {
  readonly file: ManifestFile;
  readonly chunkBytes: number;
  readonly uri: string;
  readonly start: number;
  /** Not beyond the file's size. */
  readonly end: number;
  read(range: { start: number; end?: number } | undefined): AsyncIterable<Uint8Array>;
}

/**
 * The bytes of a range, each verified as part of its chunk before it is handed out.
 * @throws `ARTIFACT_CORRUPT` naming file and chunk, `ARTIFACT_MISSING`
 */
export async function* verifiedChunks(wanted: VerifiedRange): AsyncGenerator<Uint8Array, void> {
  const { chunkBytes, start, end } = wanted;
  const waiting: Promise<{ bytes: Uint8Array; index: number }>[] = [];
  try {
    for await (const { bytes, index } of chunks(wanted)) {
      const verified = verify(wanted, bytes, index);
      // It is awaited later; until then its failure is no unhandled one.
      verified.catch(() => undefined);
      waiting.push(verified);
      if (waiting.length > readAhead) yield trimmed(await (waiting.shift() as (typeof waiting)[number]));
    }
    for (const verified of waiting) yield trimmed(await verified);
  } finally {
    waiting.length = 0;
  }

  function trimmed({ bytes, index }: { bytes: Uint8Array; index: number }): Uint8Array {
    const offset = index * chunkBytes;
    return bytes.subarray(Math.max(0, start - offset), Math.min(bytes.length, end - offset));
  }
}

/** The chunks that the range touches, each put together from however the store hands out its bytes. */
async function* chunks(wanted: VerifiedRange): AsyncGenerator<{ bytes: Uint8Array; index: number }, void> {
  const { file, chunkBytes, start, end } = wanted;
  let index = Math.floor(start / chunkBytes);
  const from = index * chunkBytes;
  const to = Math.min(Math.ceil(end / chunkBytes) * chunkBytes, file.size);
  // Reading on to the end of the object shows what was appended to it.
  const range = to === file.size ? (from === 0 ? undefined : { start: from }) : { start: from, end: to };
  let position = from;
  let filled = 0;
  let chunk: Uint8Array | undefined;
  for await (const piece of wanted.read(range)) {
    if (position + piece.length > to)
      throw corrupt(wanted, undefined, `it is longer than the ${file.size} bytes recorded`);
    for (let offset = 0; offset < piece.length; ) {
      const length = Math.min(chunkBytes, to - index * chunkBytes);
      if (filled === 0 && piece.length - offset >= length) {
        yield { bytes: piece.subarray(offset, offset + length), index };
        offset += length;
        index += 1;
        continue;
      }
      chunk ??= Buffer.allocUnsafeSlow(length);
      const part = piece.subarray(offset, offset + length - filled);
      chunk.set(part, filled);
      filled += part.length;
      offset += part.length;
      if (filled < length) continue;
      yield { bytes: chunk, index };
      chunk = undefined;
      filled = 0;
      index += 1;
    }
    position += piece.length;
  }
  if (position < to) throw corrupt(wanted, undefined, `it ends after ${position} bytes of ${file.size}`);
}

async function verify(wanted: VerifiedRange, bytes: Uint8Array, index: number) {
  const { file } = wanted;
  const recorded = file.chunks ? file.chunks[index] : file.digest;
  const found = await sha256InPool(bytes);
  if (found === recorded) return { bytes, index };
  throw corrupt(wanted, index, `the digest of chunk ${index} is ${found}, recorded is ${recorded}`);
}

function corrupt({ file, uri }: VerifiedRange, chunk: number | undefined, found: string): TenonError {
  return new TenonError("ARTIFACT_CORRUPT", {
    doing: `reading '${file.path}' from ${uri}`,
    found,
    fix: "Run the step that made the artifact again, with its cache off, or restore the store from a backup.",
    details: { file: file.path, ...(chunk !== undefined && { chunk }) },
  });
}
