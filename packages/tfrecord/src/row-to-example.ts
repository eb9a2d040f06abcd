import { TenonError } from "@tenon/core";
import type { Example } from "./example.js";
import {
  checkSize,
  type ExampleColumn,
  type ExampleRow,
  type ExampleSchema,
  type ExampleValue,
  exactFeature,
  isExact,
  unfit,
} from "./example-schema.js";
import { bytesList, type Feature, floatList, int64List } from "./feature.js";

const doing = "turning a row into a tf.train.Example";

/**
 * A row as an Example: a feature for each column that has a value. Numbers become float32, as TensorFlow has no wider
 * floats there; integers, and truth values as 0 and 1, become 64-bit integers; texts UTF-8.
 *
 * Without a schema every number is a float, so that a column has one kind in all rows; integers that a float32 cannot hold
 * are refused rather than rounded.
 *
 * @throws `EXAMPLE_INVALID` if a value is not what its column holds, or a column is not in the schema
 * @example
 * rowToExample({ species: "Adélie", mass: 3750 }, { columns: [{ name: "species", kind: "text" }, { name: "mass", kind: "integer" }] });
 */
export function rowToExample(row: ExampleRow, schema?: ExampleSchema): Example {
  const features = new Map<string, Feature>();
  const columns = schema && columnsOf(schema);
  for (const [name, value] of Object.entries(row)) {
    if (value === null || value === undefined || Number.isNaN(value)) continue;
    const column = columns?.get(name);
    if (columns && !column) throw unknownColumn(name, columns);
    features.set(name, column ? featureOf(value, column) : plainFeature(name, value));
    if (column && isExact(column)) features.set(exactFeature(name), bytesList([doubles(value)]));
  }
  return { features };
}

const known = new WeakMap<ExampleSchema, ReadonlyMap<string, ExampleColumn>>();

/** A schema serves many rows: its columns are looked up by name. */
function columnsOf(schema: ExampleSchema): ReadonlyMap<string, ExampleColumn> {
  let columns = known.get(schema);
  if (columns === undefined) {
    columns = new Map(schema.columns.map((column) => [column.name, column]));
    known.set(schema, columns);
  }
  return columns;
}

function featureOf(value: NonNullable<ExampleValue>, column: ExampleColumn): Feature {
  const { name, kind } = column;
  switch (kind) {
    case "boolean":
      if (typeof value === "boolean") return int64List([value ? 1n : 0n]);
      break;
    case "integer":
      if (typeof value === "bigint" || Number.isInteger(value))
        return inColumn(name, () => int64List([value as number | bigint]));
      // What no number holds exactly stands in rows as its decimal text.
      if (typeof value === "string" && /^-?\d+$/.test(value)) return inColumn(name, () => int64List([BigInt(value)]));
      break;
    case "number":
      if (typeof value === "number") return inColumn(name, () => floatsOf([value], column));
      break;
    case "text":
    case "time":
      if (typeof value === "string") return bytesList([value]);
      break;
    case "bytes":
      if (!(value instanceof Uint8Array)) break;
      checkSize(doing, column, value.length);
      return bytesList([value]);
    case "vector":
      if (!isVector(value)) break;
      checkSize(doing, column, value.length);
      return inColumn(name, () => floatsOf(value, column));
  }
  throw unfit(doing, name, `a value of the kind ${kind}`, describe(value));
}

/** Where the doubles are kept, too, a float may be infinite instead of them. */
function floatsOf(numbers: Iterable<number>, { exact }: ExampleColumn): Feature {
  return floatList(exact ? Float32Array.from(numbers) : numbers);
}

function doubles(value: ExampleValue): Uint8Array {
  const numbers = typeof value === "number" ? [value] : isVector(value) ? Array.from(value) : [];
  const view = new DataView(new ArrayBuffer(numbers.length * 8));
  for (const [index, number] of numbers.entries()) view.setFloat64(index * 8, number, true);
  return new Uint8Array(view.buffer);
}

function plainFeature(name: string, value: NonNullable<ExampleValue>): Feature {
  if (typeof value === "boolean") return int64List([value ? 1n : 0n]);
  if (typeof value === "bigint") return inColumn(name, () => int64List([value]));
  if (typeof value === "string" || value instanceof Uint8Array) return bytesList([value]);
  const numbers = typeof value === "number" ? [value] : value;
  if (!isVector(numbers)) throw unfit(doing, name, "a value that an Example holds", describe(value));
  for (const number of numbers) {
    if (!Number.isInteger(number) || Math.fround(number) === number) continue;
    throw unfit(doing, name, "integers that a float32 holds exactly, or a schema that says so", `${number}`);
  }
  return inColumn(name, () => floatList(numbers));
}

function isVector(value: ExampleValue): value is Float32Array | readonly number[] {
  return value instanceof Float32Array || (Array.isArray(value) && value.every((item) => typeof item === "number"));
}

function inColumn(column: string, make: () => Feature): Feature {
  try {
    return make();
  } catch (cause) {
    if (!TenonError.is(cause)) throw cause;
    throw new TenonError("EXAMPLE_INVALID", { doing: `${doing}, column '${column}'`, found: cause.found, cause });
  }
}

function unknownColumn(name: string, columns: ReadonlyMap<string, ExampleColumn>): TenonError {
  return new TenonError("EXAMPLE_INVALID", {
    doing,
    found: `it has a column '${name}', and the schema only ${[...columns.keys()].map((one) => `'${one}'`).join(", ")}`,
    fix: "Add it to the schema, or leave it out of the row.",
  });
}

function describe(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (Array.isArray(value) || value instanceof Float32Array) return `a list of ${value.length}`;
  return `the ${typeof value} ${String(value).slice(0, 40)}`;
}
