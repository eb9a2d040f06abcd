import type { BinaryWriter } from "@bufbuild/protobuf/wire";
import type { MessageReader } from "../message-reader.js";
import { fixed32, fixed64, lengthDelimited, varint } from "../wire-types.js";

/** The numbers that `DataType` of TensorFlow's types.proto has for what event files hold. */
export const dtypes = { float: 1, double: 2, int32: 3, string: 7, int64: 9 } as const;

/** A `TensorProto`, as far as summaries use it: numbers or texts, and the shape. */
export interface Tensor {
  dtype: number;
  shape: number[];
  /** The values one after another in little-endian order. */
  content: Uint8Array | undefined;
  /** The same, each for itself. */
  numbers: number[];
  texts: Uint8Array[];
}

export function readTensor(reader: MessageReader): Tensor {
  const tensor: Tensor = { dtype: 0, shape: [], content: undefined, numbers: [], texts: [] };
  reader.message((field, type) => {
    if (field === 1 && type === varint) tensor.dtype = reader.int32();
    else if (field === 2 && type === lengthDelimited) readShape(reader, tensor.shape);
    else if (field === 4 && type === lengthDelimited) tensor.content = reader.bytes();
    else if (field === 8 && type === lengthDelimited) tensor.texts.push(reader.bytes());
    else if (field === 5) return readNumbers(reader, type, fixed32, tensor.numbers, () => reader.float());
    else if (field === 6) return readNumbers(reader, type, fixed64, tensor.numbers, () => reader.double());
    else if (field === 7 || field === 10)
      return readNumbers(reader, type, varint, tensor.numbers, () => Number(reader.int64()));
    else return false;
    return true;
  });
  return tensor;
}

/** A repeated number, packed or not. */
export function readNumbers(
  reader: MessageReader,
  type: number,
  single: number,
  numbers: number[],
  read: () => number,
): boolean {
  if (type === single) numbers.push(read());
  else if (type === lengthDelimited) {
    const end = reader.endOfPart();
    while (reader.pos < end) numbers.push(read());
    if (reader.pos !== end) throw new RangeError("a packed list ends within a number");
  } else return false;
  return true;
}

/** The tensor's numbers, or undefined for a dtype that is none of those above. */
export function numbersOf({ dtype, content, numbers }: Tensor): number[] | undefined {
  if (!(dtype === dtypes.float || dtype === dtypes.double || dtype === dtypes.int32 || dtype === dtypes.int64))
    return undefined;
  if (content === undefined) return numbers;
  const size = dtype === dtypes.float || dtype === dtypes.int32 ? 4 : 8;
  if (content.length % size !== 0) throw new RangeError(`${content.length} bytes are no numbers of ${size} bytes`);
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  return Array.from({ length: content.length / size }, (_, index) => {
    const at = index * size;
    if (dtype === dtypes.float) return view.getFloat32(at, true);
    if (dtype === dtypes.double) return view.getFloat64(at, true);
    return dtype === dtypes.int32 ? view.getInt32(at, true) : Number(view.getBigInt64(at, true));
  });
}

function readShape(reader: MessageReader, shape: number[]): void {
  reader.message((field, type) => {
    if (field !== 2 || type !== lengthDelimited) return false;
    let size = 0;
    reader.message((part, partType) => {
      if (part !== 1 || partType !== varint) return false;
      size = Number(reader.int64());
      return true;
    });
    shape.push(size);
    return true;
  });
}

export function writeTensor(writer: BinaryWriter, dtype: number, shape: readonly number[], write: () => void): void {
  writer.tag(1, varint).int32(dtype);
  writer.tag(2, lengthDelimited).fork();
  for (const size of shape) {
    writer.tag(2, lengthDelimited).fork();
    if (size !== 0) writer.tag(1, varint).int64(size);
    writer.join();
  }
  writer.join();
  write();
}
