import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { type EncodeRecordsOptions, encodeCounted } from "./encode-records.js";
import { pieceBytes } from "./record-source.js";

export interface WriteRecordsOptions extends EncodeRecordsOptions {
  readonly signal?: AbortSignal;
}

/**
 * Writes a TFRecord file. It appears under its path when it is whole: a failure, or a cancellation, leaves what was there
 * before.
 *
 * @returns how many records were written
 * @example
 * const { records } = await writeRecords("train.tfrecord", rows.map((row) => encodeExample(rowToExample(row))));
 */
export async function writeRecords(
  path: string,
  records: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  { signal, ...options }: WriteRecordsOptions = {},
): Promise<{ readonly records: number }> {
  const unfinished = `${path}.${randomUUID()}.partial`;
  const count = { records: 0 };
  const pieces = encodeCounted(records, options, count);
  try {
    await pipeline(pieces, createWriteStream(unfinished, { flags: "wx", highWaterMark: pieceBytes }), {
      ...(signal && { signal }),
    });
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  return count;
}
