import { TenonError } from "@tenon/core";
import { type Compression, compressionOf, decompress, peek, TrailingBytes } from "./compression.js";
import { RecordFrames } from "./record-frames.js";
import { nameOf, piecesOf, type RecordSource } from "./record-source.js";

export interface ReadRecordsOptions {
  /** How the file is compressed. By default `auto`: seen from its first bytes. */
  readonly compression?: "auto" | Compression;
  /** A record that claims to be longer is refused, in bytes. By default 1 GiB. */
  readonly maxRecordBytes?: number;
  /**
   * True for a file that somebody still writes, or did when it was killed: a last record that is not whole then ends the
   * reading, where it otherwise is an error. Bytes that are there and wrong remain one. Of use only without compression.
   */
  readonly unfinished?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * The records of a TFRecord file, one after another, each verified by both of its checksums. Memory stays flat however
 * long the file is.
 *
 * A record is a view of a piece of about 1 MiB that was read at once: whoever keeps a few of many keeps `record.slice()`.
 *
 * @throws `TFRECORD_CORRUPT` where a record was altered or cut off, is too long, or the file is none; with the record's
 * number (counted from 0), its offset in bytes of the uncompressed file, and what was expected and found
 * @example
 * for await (const record of readRecords("train.tfrecord")) decodeExample(record);
 */
export async function* readRecords(
  source: RecordSource,
  options: ReadRecordsOptions = {},
): AsyncGenerator<Uint8Array, void> {
  for await (const batch of readRecordBatches(source, options)) {
    // Not yield*, which awaits each once more.
    for (const record of batch) yield record;
  }
}

/**
 * The same records in arrays, as they come from the file: for small records this is several times as fast, as it takes
 * one turn of the event loop for many.
 *
 * @throws as `readRecords` does
 */
export async function* readRecordBatches(
  source: RecordSource,
  { compression = "auto", maxRecordBytes = 2 ** 30, unfinished = false, signal }: ReadRecordsOptions = {},
): AsyncGenerator<Uint8Array[], void> {
  const name = nameOf(source);
  const frames = new RecordFrames(name, maxRecordBytes);
  const { head, pieces } = await peek(piecesOf(source, signal));
  const packed = compression === "auto" ? compressionOf(head) : compression;
  try {
    for await (const piece of packed === "none" ? pieces : decompress(pieces, packed)) {
      signal?.throwIfAborted();
      const records = frames.push(piece);
      if (records.length > 0) yield records;
    }
  } catch (error) {
    throw isPackingFault(error) ? unpackable(error, name, packed, frames) : error;
  }
  if (!unfinished) frames.end();
}

function isPackingFault(error: unknown): error is Error {
  if (error instanceof TrailingBytes) return true;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" && code.startsWith("Z_");
}

function unpackable(cause: Error, name: string, packed: Compression, frames: RecordFrames): TenonError {
  const { number, offset } = frames;
  return new TenonError("TFRECORD_CORRUPT", {
    doing: `unpacking ${name} by ${packed}, after ${number} whole records (${offset} bytes uncompressed)`,
    found: cause.message,
    fix: "Was it written with that compression, and copied whole?",
    details: { record: number, offset },
    cause,
  });
}
