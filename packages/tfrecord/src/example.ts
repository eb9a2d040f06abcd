import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { readFeatureEntry } from "./decode-feature.js";
import { writeEntries, writeFeature } from "./encode-feature.js";
import type { Feature, Features } from "./feature.js";
import { decodeMessage } from "./message-reader.js";
import { lengthDelimited } from "./wire-types.js";

/**
 * A `tf.train.Example`: one row of data, features by name.
 *
 * @see https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/example/example.proto
 */
export interface Example {
  readonly features: Features;
}

/**
 * The bytes of an Example, canonical: features by the order of their names' bytes, numbers packed. They are those that
 * TensorFlow writes with `SerializeToString(deterministic=True)`.
 *
 * @example
 * const record = encodeExample({ features: new Map([["species", bytesList(["Adélie"])], ["mass", floatList([3750])]]) });
 */
export function encodeExample({ features }: Example): Uint8Array {
  const writer = new BinaryWriter();
  if (features.size === 0) return writer.finish();
  writer.tag(1, lengthDelimited).fork();
  writeEntries(writer, features, (feature) => writeFeature(writer, feature));
  return writer.join().finish();
}

/**
 * An Example from its bytes: lists packed or not, unknown fields skipped. Byte strings are views of `bytes`.
 *
 * @throws `MESSAGE_INVALID` if the bytes are no Example
 */
export function decodeExample(bytes: Uint8Array): Example {
  return decodeMessage(bytes, "tf.train.Example", (reader) => {
    const features = new Map<string, Feature>();
    reader.fields(bytes.length, (field, type) => {
      if (field !== 1 || type !== lengthDelimited) return false;
      reader.message((part, partType) => {
        if (part !== 1 || partType !== lengthDelimited) return false;
        readFeatureEntry(reader, features);
        return true;
      });
      return true;
    });
    return { features };
  });
}
