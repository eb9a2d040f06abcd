import type { Feature } from "./feature.js";
import type { MessageReader, Range } from "./message-reader.js";
import { readFloats, readIntegers } from "./number-lists.js";
import { lengthDelimited } from "./wire-types.js";

const kinds = [undefined, "bytes", "float", "int64"] as const;

/** The entry of a `tf.train.Features` message on which the reader stands; of two with one name the last one counts. */
export function readFeatureEntry(reader: MessageReader, features: Map<string, Feature>): void {
  const { name, ranges } = reader.entry();
  const after = reader.pos;
  features.set(name, readFeature(reader, ranges));
  reader.pos = after;
}

/** A `tf.train.Feature`. Of several kinds the last one counts, of several lists of that kind all of them, as one. */
export function readFeature(reader: MessageReader, ranges: readonly Range[]): Feature {
  let kind: Feature["kind"] = "none";
  let lists: Range[] = [];
  for (const [start, end] of ranges) {
    reader.pos = start;
    reader.fields(end, (field, type) => {
      const found = kinds[field];
      if (found === undefined || type !== lengthDelimited) return false;
      if (found !== kind) lists = [];
      kind = found;
      lists.push(reader.range());
      return true;
    });
  }
  return featureOf(reader, kind, lists);
}

function featureOf(reader: MessageReader, kind: Feature["kind"], lists: readonly Range[]): Feature {
  switch (kind) {
    case "none":
      return { kind };
    case "bytes":
      return { kind, values: readByteStrings(reader, lists) };
    case "float":
      return { kind, values: readFloats(reader, lists) };
    case "int64":
      return { kind, values: readIntegers(reader, lists) };
  }
}

function readByteStrings(reader: MessageReader, lists: readonly Range[]): Uint8Array[] {
  const values: Uint8Array[] = [];
  reader.repeated(lists, () => values.push(reader.bytes()));
  return values;
}
