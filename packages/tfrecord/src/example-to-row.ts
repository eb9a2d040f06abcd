import type { Example } from "./example.js";
import {
  checkSize,
  type ExampleColumn,
  type ExampleSchema,
  exactFeature,
  featureKinds,
  isExact,
  setOwn,
  unfit,
} from "./example-schema.js";
import type { Feature } from "./feature.js";

const doing = "turning a tf.train.Example into a row";

/** A cell that was read from an Example. An integer beyond 2^53 is its decimal text, which is exact. */
export type DecodedValue = null | boolean | number | string | Uint8Array | Float32Array | readonly number[];

/** A row that was read from an Example. */
export type DecodedRow = { readonly [column: string]: DecodedValue };

/**
 * An Example as a row.
 *
 * With a schema the row has its columns, in its order; those that the Example lacks are `null`, and features that the schema
 * does not name are left out. Without one the Example's features are all there is to go by: one number is a number,
 * several are a vector, and byte strings stay bytes, as nothing says that they are text (`inferExampleSchema` looks).
 *
 * @throws `EXAMPLE_INVALID` if a feature is not what its column holds, saying what was expected and found
 */
export function exampleToRow({ features }: Example, schema?: ExampleSchema): DecodedRow {
  const row: Record<string, DecodedValue> = {};
  if (schema) {
    for (const column of schema.columns) {
      const exact = isExact(column) ? features.get(exactFeature(column.name)) : undefined;
      setOwn(row, column.name, exact ? exactCell(exact, column) : cellOf(features.get(column.name), column));
    }
  } else for (const [name, feature] of features) setOwn(row, name, plainValue(name, feature));
  return row;
}

function exactCell(feature: Feature, column: ExampleColumn): DecodedValue {
  const { name, kind } = column;
  const [bytes] = feature.kind === "bytes" ? feature.values : [];
  if (bytes === undefined || bytes.length % 8 !== 0)
    throw unfit(doing, exactFeature(name), "64-bit floats", feature.kind);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const numbers = Array.from({ length: bytes.length / 8 }, (_, index) => view.getFloat64(index * 8, true));
  if (kind === "vector") {
    checkSize(doing, column, numbers.length);
    return numbers;
  }
  const [number] = numbers;
  if (numbers.length === 1 && number !== undefined) return number;
  throw unfit(doing, name, `one value for the kind ${kind}`, `${numbers.length}`);
}

function cellOf(feature: Feature | undefined, column: ExampleColumn): DecodedValue {
  if (feature === undefined || feature.kind === "none") return null;
  const { name, kind } = column;
  // Whole numbers are written as integers by others, too.
  const fits =
    feature.kind === featureKinds[kind] || (feature.kind === "int64" && (kind === "number" || kind === "vector"));
  if (!fits) throw unfit(doing, name, `a list of ${featureKinds[kind]} for the kind ${kind}`, `one of ${feature.kind}`);
  if (kind === "vector") {
    checkSize(doing, column, feature.values.length);
    return vectorOf(name, feature);
  }
  if (feature.values.length === 0) return null;
  if (feature.values.length > 1) throw unfit(doing, name, `one value for the kind ${kind}`, `${feature.values.length}`);
  const [value] = feature.values;
  switch (kind) {
    case "boolean":
      if (value === 0n || value === 1n) return value === 1n;
      throw unfit(doing, name, "0 or 1 for the kind boolean", String(value));
    case "integer":
      return integerOf(value as bigint);
    case "number":
      return typeof value === "bigint" ? numberOf(name, value) : (value as number);
    case "text":
    case "time":
      return textOf(name, value as Uint8Array);
    case "bytes":
      checkSize(doing, column, (value as Uint8Array).length);
      return own(value as Uint8Array);
  }
}

function plainValue(name: string, feature: Feature): DecodedValue {
  if (feature.kind === "none" || feature.values.length === 0) return null;
  if (feature.kind === "bytes") {
    const [value] = feature.values;
    if (feature.values.length === 1 && value) return own(value);
    throw unfit(doing, name, "one byte string, as rows hold no lists of them", `${feature.values.length}`);
  }
  if (feature.values.length > 1) return vectorOf(name, feature);
  const [value = 0] = feature.values;
  return typeof value === "bigint" ? integerOf(value) : value;
}

/** Rows outlive the piece of the file of which an Example's bytes are a view. */
function own(bytes: Uint8Array): Uint8Array {
  return bytes.slice();
}

function vectorOf(name: string, feature: Feature): DecodedValue {
  if (feature.kind === "float") return feature.values;
  return feature.kind === "int64" ? Array.from(feature.values, (value) => numberOf(name, value)) : null;
}

function integerOf(value: bigint): number | string {
  return isSafe(value) ? Number(value) : String(value);
}

function numberOf(name: string, value: bigint): number {
  if (isSafe(value)) return Number(value);
  throw unfit(doing, name, "integers that a number holds exactly", String(value));
}

function isSafe(value: bigint): boolean {
  return value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function textOf(name: string, bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw unfit(doing, name, "text in UTF-8", `${bytes.length} bytes that are none`);
  }
}
