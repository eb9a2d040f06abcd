import { sizeOf } from "../vocabulary/data-schema.js";
import { RequestError } from "./request-error.js";
import type { Datatype } from "./signature.js";

/** A value of a tensor: an element of BYTES is a text where it came as one, else bytes. */
export type Element = null | boolean | number | string | Uint8Array;

/** Elements in row-major order. */
export interface Tensor {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly data: readonly Element[] | Float64Array;
}

const widths: Readonly<Record<Exclude<Datatype, "BYTES">, number>> = {
  BOOL: 1,
  UINT8: 1,
  INT8: 1,
  UINT16: 2,
  INT16: 2,
  UINT32: 4,
  INT32: 4,
  UINT64: 8,
  INT64: 8,
  FP32: 4,
  FP64: 8,
};

export function isDatatype(name: unknown): name is Datatype {
  return name === "BYTES" || (typeof name === "string" && Object.hasOwn(widths, name));
}

/** Numbers, texts and truth values of a tensor in JSON, nested or flat. @throws `REQUEST_INVALID` */
export function elementsOfJson(name: string, datatype: Datatype, shape: readonly number[], data: unknown): Element[] {
  const flat = Array.isArray(data) ? (data.flat(Number.POSITIVE_INFINITY) as unknown[]) : [];
  const expected = sizeOf(shape);
  if (!Array.isArray(data) || flat.length !== expected) {
    const found = Array.isArray(data) ? `${flat.length} elements` : "no list";
    throw new RequestError(
      400,
      `the data of the tensor '${name}' are ${found}, and its shape [${shape.join(", ")}] needs ${expected}`,
    );
  }
  const wanted = datatype === "BYTES" ? "string" : datatype === "BOOL" ? "boolean" : "number";
  for (const [place, element] of flat.entries()) {
    // A null is a missing value; JSON has no other way to say so.
    if (element === null || typeof element === wanted) continue;
    throw new RequestError(
      400,
      `element ${place} of the tensor '${name}' is a ${typeof element}, and ${datatype} needs a ${wanted}`,
    );
  }
  return flat as Element[];
}

/** The little-endian form of the binary extension. @throws `REQUEST_INVALID` */
export function elementsOfBytes(
  name: string,
  datatype: Datatype,
  shape: readonly number[],
  bytes: Buffer,
): Element[] | Float64Array {
  const count = sizeOf(shape);
  if (datatype === "BYTES") return textElements(name, count, bytes);
  const width = widths[datatype];
  if (bytes.length !== count * width) {
    throw new RequestError(
      400,
      `the tensor '${name}' has ${bytes.length} bytes, and ${datatype} of shape [${shape.join(", ")}] needs ${count * width}`,
    );
  }
  if (datatype === "BOOL") return Array.from(bytes, (byte) => byte !== 0);
  if (datatype === "INT64" || datatype === "UINT64") {
    return Array.from({ length: count }, (_, at) => {
      const value = datatype === "INT64" ? bytes.readBigInt64LE(at * 8) : bytes.readBigUInt64LE(at * 8);
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : String(value);
    });
  }
  const read = readers[datatype];
  return Float64Array.from({ length: count }, (_, at) => read(bytes, at * width));
}

type Numeric = Exclude<Datatype, "BYTES" | "BOOL" | "INT64" | "UINT64">;

const readers: Readonly<Record<Numeric, (bytes: Buffer, at: number) => number>> = {
  UINT8: (bytes, at) => bytes.readUInt8(at),
  INT8: (bytes, at) => bytes.readInt8(at),
  UINT16: (bytes, at) => bytes.readUInt16LE(at),
  INT16: (bytes, at) => bytes.readInt16LE(at),
  UINT32: (bytes, at) => bytes.readUInt32LE(at),
  INT32: (bytes, at) => bytes.readInt32LE(at),
  FP32: (bytes, at) => bytes.readFloatLE(at),
  FP64: (bytes, at) => bytes.readDoubleLE(at),
};

function textElements(name: string, count: number, bytes: Buffer): Uint8Array[] {
  const elements: Uint8Array[] = [];
  let at = 0;
  while (elements.length < count) {
    const end = at + 4 <= bytes.length ? at + 4 + bytes.readUInt32LE(at) : Number.POSITIVE_INFINITY;
    if (end > bytes.length) {
      throw new RequestError(400, `the tensor '${name}' ends within its element ${elements.length} of ${count}`);
    }
    elements.push(bytes.subarray(at + 4, end));
    at = end;
  }
  if (at !== bytes.length) throw new RequestError(400, `the tensor '${name}' has ${bytes.length - at} bytes too many`);
  return elements;
}

/** What a response holds of a tensor in binary form; only types that outputs have. */
export function bytesOfElements({ datatype, data }: Tensor): Buffer {
  if (datatype === "FP64") {
    const bytes = Buffer.allocUnsafe(data.length * 8);
    for (const [at, value] of data.entries()) bytes.writeDoubleLE(value as number, at * 8);
    return bytes;
  }
  return Buffer.concat(
    Array.from(data, (text) => {
      const own = Buffer.from(String(text));
      const length = Buffer.allocUnsafe(4);
      length.writeUInt32LE(own.length);
      return Buffer.concat([length, own]);
    }),
  );
}
