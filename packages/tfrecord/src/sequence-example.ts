import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { readFeature, readFeatureEntry } from "./decode-feature.js";
import { writeEntries, writeFeature } from "./encode-feature.js";
import type { Feature, Features } from "./feature.js";
import { decodeMessage, type MessageReader, type Range } from "./message-reader.js";
import { lengthDelimited } from "./wire-types.js";

/**
 * A `tf.train.SequenceExample`: features of the whole, and by name a list of features, one for each step of a sequence.
 *
 * @see https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/example/example.proto
 */
export interface SequenceExample {
  readonly context: Features;
  readonly featureLists: ReadonlyMap<string, readonly Feature[]>;
}

/** The bytes of a SequenceExample, canonical as those of `encodeExample` are. */
export function encodeSequenceExample({ context, featureLists }: SequenceExample): Uint8Array {
  const writer = new BinaryWriter();
  if (context.size > 0) {
    writer.tag(1, lengthDelimited).fork();
    writeEntries(writer, context, (feature) => writeFeature(writer, feature));
    writer.join();
  }
  if (featureLists.size > 0) {
    writer.tag(2, lengthDelimited).fork();
    writeEntries(writer, featureLists, (features) => {
      for (const feature of features) {
        writer.tag(1, lengthDelimited).fork();
        writeFeature(writer, feature);
        writer.join();
      }
    });
    writer.join();
  }
  return writer.finish();
}

/**
 * A SequenceExample from its bytes, as `decodeExample` reads an Example.
 *
 * @throws `MESSAGE_INVALID` if the bytes are no SequenceExample
 */
export function decodeSequenceExample(bytes: Uint8Array): SequenceExample {
  return decodeMessage(bytes, "tf.train.SequenceExample", (reader) => {
    const context = new Map<string, Feature>();
    const featureLists = new Map<string, readonly Feature[]>();
    reader.fields(bytes.length, (field, type) => {
      if ((field !== 1 && field !== 2) || type !== lengthDelimited) return false;
      reader.message((part, partType) => {
        if (part !== 1 || partType !== lengthDelimited) return false;
        if (field === 1) readFeatureEntry(reader, context);
        else readListEntry(reader, featureLists);
        return true;
      });
      return true;
    });
    return { context, featureLists };
  });
}

function readListEntry(reader: MessageReader, featureLists: Map<string, readonly Feature[]>): void {
  const { name, ranges } = reader.entry();
  const after = reader.pos;
  const steps: Range[] = [];
  reader.repeated(ranges, () => steps.push(reader.range()));
  featureLists.set(
    name,
    steps.map((step) => readFeature(reader, [step])),
  );
  reader.pos = after;
}
