import type { BinaryWriter } from "@bufbuild/protobuf/wire";
import { floatBytes, littleEndian } from "./byte-order.js";
import type { MessageReader, Range } from "./message-reader.js";
import { fixed32, lengthDelimited, varint } from "./wire-types.js";

/** The numbers of `FloatList` messages: packed, one by one, or both. */
export function readFloats(reader: MessageReader, lists: readonly Range[]): Float32Array {
  const runs = runsOf(reader, lists, fixed32);
  let bytes = 0;
  for (const [start, end] of runs) {
    if ((end - start) % 4 !== 0) throw new RangeError(`${end - start} bytes are no list of 32-bit floats`);
    bytes += end - start;
  }
  const packed = new Uint8Array(bytes);
  let at = 0;
  for (const [start, end] of runs) {
    packed.set(reader.data.subarray(start, end), at);
    at += end - start;
  }
  return new Float32Array(floatBytes(packed).buffer);
}

/** The numbers of `Int64List` messages: packed, one by one, or both. */
export function readIntegers(reader: MessageReader, lists: readonly Range[]): BigInt64Array {
  const { data } = reader;
  const runs = runsOf(reader, lists, varint);
  let count = 0;
  // The last byte of each number is the one below 128: to count first is to take no more memory than there are numbers.
  for (const [start, end] of runs) for (let at = start; at < end; at += 1) if ((data[at] as number) < 0x80) count += 1;
  const values = new BigInt64Array(count);
  const words = new Uint32Array(values.buffer);
  const low = littleEndian ? 0 : 1;
  let index = 0;
  for (const [start, end] of runs) {
    let at = start;
    while (at < end) {
      const first = data[at] as number;
      const second = data[at + 1] as number;
      // Most integers are small: to make a bigint of each would take most of the time.
      if (first < 0x80) {
        words[index * 2 + low] = first;
        at += 1;
      } else if (second < 0x80) {
        words[index * 2 + low] = (first & 0x7f) | (second << 7);
        at += 2;
      } else {
        reader.pos = at;
        values[index] = BigInt(reader.int64());
        at = reader.pos;
      }
      index += 1;
    }
    if (at !== end) throw new RangeError("a packed list ends within a number");
    reader.pos = end;
  }
  return values;
}

/** Writes integers one after another, as a packed list has them. */
export function writeIntegers(writer: BinaryWriter, values: BigInt64Array): void {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  const [low, high] = littleEndian ? [0, 1] : [1, 0];
  for (let index = 0; index < values.length; index += 1) {
    if (words[index * 2 + high] === 0) writer.uint32(words[index * 2 + low] as number);
    else writer.int64(values[index] as bigint);
  }
}

/** Where numbers lie end to end: a packed list, or a single one. */
function runsOf(reader: MessageReader, lists: readonly Range[], single: typeof fixed32 | typeof varint): Range[] {
  const runs: Range[] = [];
  for (const [start, end] of lists) {
    reader.pos = start;
    reader.fields(end, (field, type) => {
      if (field !== 1 || (type !== lengthDelimited && type !== single)) return false;
      if (type === lengthDelimited) runs.push(reader.range());
      else {
        const from = reader.pos;
        reader.skip(type, field);
        runs.push([from, reader.pos]);
      }
      return true;
    });
  }
  return runs;
}
