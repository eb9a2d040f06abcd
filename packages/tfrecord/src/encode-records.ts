import { maskedChecksum, maskedChecksumIn } from "./checksum.js";
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
  options: EncodeRecordsOptions = {},
): AsyncIterable<Uint8Array> {
  return encodeCounted(records, options, { records: 0 });
}

/** @param count is told of each record as it is taken */
export function encodeCounted(
  records: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  { compression = "none" }: EncodeRecordsOptions,
  count: { records: number },
): AsyncIterable<Uint8Array> {
  const pieces = framed(records, count);
  return compression === "none" ? pieces : compress(pieces, compression);
}

/** One record with what a file has around it. */
export function frameOf(record: Uint8Array): Uint8Array {
  const frame = frameAround(record);
  return Buffer.concat([frame.subarray(0, headBytes), record, frame.subarray(headBytes)]);
}

async function* framed(
  records: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  count: { records: number },
): AsyncGenerator<Uint8Array, void> {
  const frames = new FrameBuffer();
  // To await each record that is already there would cost more than to write it.
  if (Symbol.iterator in records) {
    for (const record of records) {
      count.records += 1;
      if (!frames.put(record)) yield* frames.makeRoom(record);
    }
  } else {
    for await (const record of records) {
      count.records += 1;
      if (!frames.put(record)) yield* frames.makeRoom(record);
    }
  }
  yield* frames.drain();
}

/** Puts many small records into one piece; what is long goes out as it is, uncopied. */
class FrameBuffer {
  #bytes = new Uint8Array();
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** False if there is no room for it. */
  put(record: Uint8Array): boolean {
    const start = this.#length + headBytes;
    const end = start + record.length;
    if (end + footBytes > this.#bytes.length) return false;
    writeHead(this.#view, this.#length, record.length);
    this.#bytes.set(record, start);
    this.#view.setUint32(end, maskedChecksumIn(this.#view, start, end), true);
    this.#length = end + footBytes;
    return true;
  }

  /** Hands out what is there, and puts a record for which there was no room. */
  *makeRoom(record: Uint8Array): Generator<Uint8Array, void> {
    yield* this.drain();
    // A piece that was handed out may still be on its way: each is a new one.
    this.#take(Buffer.allocUnsafeSlow(pieceBytes));
    if (this.put(record)) return;
    const frame = frameAround(record);
    yield frame.subarray(0, headBytes);
    yield record;
    yield frame.subarray(headBytes);
  }

  *drain(): Generator<Uint8Array, void> {
    if (this.#length > 0) yield this.#bytes.subarray(0, this.#length);
    this.#take(new Uint8Array());
  }

  #take(bytes: Uint8Array<ArrayBuffer>): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#length = 0;
  }
}

/** What stands before a record and after it. */
function frameAround(record: Uint8Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(headBytes + footBytes));
  writeHead(view, 0, record.length);
  view.setUint32(headBytes, maskedChecksum(record), true);
  return new Uint8Array(view.buffer);
}

/** A record's length and its checksum. */
function writeHead(view: DataView, start: number, length: number): void {
  view.setUint32(start, length % 2 ** 32, true);
  view.setUint32(start + 4, Math.floor(length / 2 ** 32), true);
  view.setUint32(start + 8, maskedChecksumIn(view, start, start + 8), true);
}
