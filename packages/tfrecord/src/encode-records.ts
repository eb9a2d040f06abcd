import { maskedChecksum } from "./checksum.js";
import { type Compression, compress } from "./compression.js";
import { footBytes, headBytes } from "./record-frames.js";
import { pieceBytes } from "./record-source.js";

export interface EncodeRecordsOptions {
  /** By default `none`. Compressed files are not the same bytes on every machine: libraries compress differently. */
  readonly compression?: Compression;
}

/**
 * The bytes of a TFRecord file with these records, in pieces: a body for an artifact store, a response or a stream. The
 * same records give the same bytes as TensorFlow's `TFRecordWriter`, without compression.
 *
 * @example
 * await files.write("train.tfrecord", encodeRecords(examples.map(encodeExample)));
 */
export function encodeRecords(
  records: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  { compression = "none" }: EncodeRecordsOptions = {},
): AsyncIterable<Uint8Array> {
  const pieces = framed(records);
  return compression === "none" ? pieces : compress(pieces, compression);
}

/** One record with what a file has around it. */
export function frameOf(record: Uint8Array): Uint8Array {
  const frame = frameAround(record);
  return Buffer.concat([frame.subarray(0, headBytes), record, frame.subarray(headBytes)]);
}

async function* framed(records: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const frames = new FrameBuffer();
  // To await each record that is already there would cost more than to write it.
  if (Symbol.iterator in records) {
    for (const record of records) if (!frames.put(record)) yield* frames.makeRoom(record);
  } else {
    for await (const record of records) if (!frames.put(record)) yield* frames.makeRoom(record);
  }
  yield* frames.drain();
}

/** Puts many small records into one piece; what is long goes out as it is, uncopied. */
class FrameBuffer {
  #buffer = Buffer.allocUnsafe(0);
  #length = 0;

  /** False if there is no room for it. */
  put(record: Uint8Array): boolean {
    if (this.#length + headBytes + record.length + footBytes > this.#buffer.length) return false;
    const start = writeHead(this.#buffer, this.#length, record.length);
    this.#buffer.set(record, start);
    this.#length = this.#buffer.writeUInt32LE(maskedChecksum(record), start + record.length);
    return true;
  }

  /** Hands out what is there, and puts a record for which there was no room. */
  *makeRoom(record: Uint8Array): Generator<Uint8Array, void> {
    yield* this.drain();
    // A piece that was handed out may still be on its way: each is a new one.
    this.#buffer = Buffer.allocUnsafeSlow(pieceBytes);
    if (this.put(record)) return;
    const frame = frameAround(record);
    yield frame.subarray(0, headBytes);
    yield record;
    yield frame.subarray(headBytes);
  }

  *drain(): Generator<Uint8Array, void> {
    if (this.#length > 0) yield this.#buffer.subarray(0, this.#length);
    this.#buffer = Buffer.allocUnsafe(0);
    this.#length = 0;
  }
}

/** What stands before a record and after it. */
function frameAround(record: Uint8Array): Buffer {
  const frame = Buffer.alloc(headBytes + footBytes);
  writeHead(frame, 0, record.length);
  frame.writeUInt32LE(maskedChecksum(record), headBytes);
  return frame;
}

/** A record's length and its checksum; gives where the data begins. */
function writeHead(buffer: Buffer, start: number, length: number): number {
  buffer.writeUInt32LE(length % 2 ** 32, start);
  buffer.writeUInt32LE(Math.floor(length / 2 ** 32), start + 4);
  return buffer.writeUInt32LE(maskedChecksum(buffer, start, start + 8), start + 8);
}
