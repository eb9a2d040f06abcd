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
  const frame = Buffer.alloc(headBytes + record.length + footBytes);
  writeHead(frame, 0, record.length);
  frame.set(record, headBytes);
  frame.writeUInt32LE(maskedChecksum(record), headBytes + record.length);
  return frame;
}

async function* framed(records: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const frames = new FrameBuffer();
  // To await each record that is already there would cost more than to write it.
  if (Symbol.iterator in records) for (const record of records) yield* frames.add(record);
  else for await (const record of records) yield* frames.add(record);
  yield* frames.drain();
}

/** Puts many small records into one piece; what is long goes out as it is, uncopied. */
class FrameBuffer {
  #buffer = Buffer.allocUnsafe(0);
  #length = 0;

  *add(record: Uint8Array): Generator<Uint8Array, void> {
    const checksum = maskedChecksum(record);
    const small = headBytes + record.length + footBytes <= pieceBytes;
    yield* this.#room(small ? headBytes + record.length + footBytes : headBytes);
    this.#length = writeHead(this.#buffer, this.#length, record.length);
    if (small) {
      this.#buffer.set(record, this.#length);
      this.#length += record.length;
    } else {
      yield* this.drain();
      yield record;
      yield* this.#room(footBytes);
    }
    this.#length = this.#buffer.writeUInt32LE(checksum, this.#length);
  }

  *drain(): Generator<Uint8Array, void> {
    if (this.#length > 0) yield this.#buffer.subarray(0, this.#length);
    // A piece that was handed out may still be on its way.
    this.#buffer = Buffer.allocUnsafe(0);
    this.#length = 0;
  }

  *#room(bytes: number): Generator<Uint8Array, void> {
    if (this.#length + bytes <= this.#buffer.length) return;
    yield* this.drain();
    this.#buffer = Buffer.allocUnsafeSlow(pieceBytes);
  }
}

/** A record's length and its checksum; gives where the data begins. */
function writeHead(buffer: Buffer, start: number, length: number): number {
  buffer.writeUInt32LE(length % 2 ** 32, start);
  buffer.writeUInt32LE(Math.floor(length / 2 ** 32), start + 4);
  return buffer.writeUInt32LE(maskedChecksum(buffer, start, start + 8), start + 8);
}
