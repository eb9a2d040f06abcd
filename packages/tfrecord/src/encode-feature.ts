import type { BinaryWriter } from "@bufbuild/protobuf/wire";
import { compareKeys } from "@tenon/core";
import { floatBytes } from "./byte-order.js";
import type { Feature } from "./feature.js";
import { writeIntegers } from "./number-lists.js";
import { lengthDelimited } from "./wire-types.js";

/** A map from names to messages, by the order of the names' bytes: what TensorFlow's deterministic writer does. */
export function writeEntries<T>(
  writer: BinaryWriter,
  entries: ReadonlyMap<string, T>,
  write: (value: T) => void,
): void {
  const ordered = [...entries].sort(([one], [other]) => compareKeys(one, other));
  for (const [name, value] of ordered) {
    writer.tag(1, lengthDelimited).fork();
    writer.tag(1, lengthDelimited).string(name);
    writer.tag(2, lengthDelimited).fork();
    write(value);
    writer.join().join();
  }
}

/** The fields of a `tf.train.Feature`, numbers packed. */
export function writeFeature(writer: BinaryWriter, feature: Feature): void {
  switch (feature.kind) {
    case "none":
      return;
    case "bytes":
      writer.tag(1, lengthDelimited).fork();
      for (const value of feature.values) writer.tag(1, lengthDelimited).bytes(value);
      writer.join();
      return;
    case "float": {
      const { buffer, byteOffset, byteLength } = feature.values;
      writer.tag(2, lengthDelimited).fork();
      if (byteLength > 0)
        writer.tag(1, lengthDelimited).bytes(floatBytes(new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength)));
      writer.join();
      return;
    }
    case "int64":
      writer.tag(3, lengthDelimited).fork();
      if (feature.values.length > 0) {
        writer.tag(1, lengthDelimited).fork();
        writeIntegers(writer, feature.values);
        writer.join();
      }
      writer.join();
  }
}
