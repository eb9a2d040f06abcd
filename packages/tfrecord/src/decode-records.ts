import { TenonError } from "@tenon/core";
import { decodeExample, type Example } from "./example.js";
import { type ReadRecordsOptions, readRecordBatches } from "./read-records.js";
import { nameOf, type RecordSource } from "./record-source.js";

/** What each record holds; of one that does not hold it the error says which it was. */
export async function* decodeRecords<T>(
  source: RecordSource,
  what: string,
  decode: (record: Uint8Array) => T,
  options: ReadRecordsOptions,
): AsyncGenerator<T, void> {
  let number = 0;
  for await (const records of readRecordBatches(source, options)) {
    for (const record of records) {
      yield decodeNumbered(record, number, source, what, decode);
      number += 1;
    }
  }
}

function decodeNumbered<T>(
  record: Uint8Array,
  number: number,
  source: RecordSource,
  what: string,
  decode: (record: Uint8Array) => T,
): T {
  try {
    return decode(record);
  } catch (error) {
    if (!TenonError.is(error)) throw error;
    const { code, found, fix, details } = error;
    throw new TenonError(code, {
      doing: `reading record ${number} of ${nameOf(source)} as ${what}`,
      found,
      ...(fix !== undefined && { fix }),
      details: { ...details, record: number },
      cause: error,
    });
  }
}

/**
 * The Examples of a TFRecord file, one after another.
 *
 * @throws `TFRECORD_CORRUPT` as `readRecords` does, `MESSAGE_INVALID` with the record's number if one is no Example
 * @example
 * for await (const example of readExamples("train.tfrecord.gz")) rows.push(exampleToRow(example, schema));
 */
export function readExamples(source: RecordSource, options: ReadRecordsOptions = {}): AsyncGenerator<Example, void> {
  return decodeRecords(source, "a tf.train.Example", decodeExample, options);
}
