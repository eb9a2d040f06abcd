import { pipeline, Readable } from "node:stream";
import { createDeflate, createGunzip, createGzip, createInflate } from "node:zlib";
import { maskedChecksum } from "./checksum.js";

/** What zlib takes at once for its output. */
const chunkSize = 1 << 18;

/** How a TFRecord file is compressed as a whole: TensorFlow's `""`, `"GZIP"` and `"ZLIB"`. */
export type Compression = "none" | "gzip" | "zlib";

/** A compressed stream that goes on after its end: what follows would be lost without a word. */
export class TrailingBytes extends Error {}

const headBytes = 12;

/** What the first bytes look like. An uncompressed file is known by the checksum of its first length. */
export function compressionOf(head: Uint8Array): Compression {
  if (head.length >= headBytes) {
    const view = new DataView(head.buffer, head.byteOffset);
    if (view.getUint32(8, true) === maskedChecksum(head, 0, 8)) return "none";
  }
  const [first = 0, second = 0, third = 0] = head;
  if (first === 0x1f && second === 0x8b && third === 8) return "gzip";
  if ((first & 0x0f) === 8 && first >>> 4 <= 7 && ((first << 8) | second) % 31 === 0) return "zlib";
  return "none";
}

/** The same pieces, and the first bytes of the whole; fewer if there are no more. */
export async function peek(
  pieces: AsyncIterable<Uint8Array>,
): Promise<{ readonly head: Uint8Array; readonly pieces: AsyncIterable<Uint8Array> }> {
  const iterator = pieces[Symbol.asyncIterator]();
  const taken: Uint8Array[] = [];
  for (let length = 0; length < headBytes; ) {
    const next = await iterator.next();
    if (next.done) break;
    taken.push(next.value);
    length += next.value.length;
  }
  const rest = { [Symbol.asyncIterator]: () => iterator };
  return { head: Buffer.concat(taken).subarray(0, headBytes), pieces: chained(taken, rest) };
}

async function* chained(taken: readonly Uint8Array[], rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let finished = false;
  try {
    yield* taken;
    finished = true;
    yield* rest;
  } finally {
    // `yield*` closes what it was in; before that the source has to be closed by hand.
    if (!finished) await rest[Symbol.asyncIterator]().return?.();
  }
}

export async function* decompress(
  pieces: AsyncIterable<Uint8Array>,
  compression: "gzip" | "zlib",
): AsyncGenerator<Uint8Array> {
  let given = 0;
  const counted = async function* () {
    for await (const piece of pieces) {
      given += piece.length;
      yield piece;
    }
  };
  const inflate = (compression === "gzip" ? createGunzip : createInflate)({ chunkSize });
  pipeline(Readable.from(counted()), inflate, () => {});
  yield* inflate;
  if (inflate.bytesWritten < given) throw new TrailingBytes(`${given - inflate.bytesWritten} bytes follow its end`);
}

export function compress(pieces: AsyncIterable<Uint8Array>, compression: "gzip" | "zlib"): AsyncIterable<Uint8Array> {
  const deflate = (compression === "gzip" ? createGzip : createDeflate)({ chunkSize });
  pipeline(Readable.from(pieces), deflate, () => {});
  return deflate;
}
