import { TenonError } from "@tenon/core";
import type { FeatureKind } from "./feature.js";

/**
 * What a row's column holds, and so as which kind of list it lies in an Example: `boolean` and `integer` as one int64,
 * `number` as one float, `text` and `time` as one byte string in UTF-8, `bytes` as one byte string, `vector` as floats.
 */
export type ExampleColumnKind = "boolean" | "integer" | "number" | "text" | "time" | "bytes" | "vector";

export interface ExampleColumn {
  readonly name: string;
  readonly kind: ExampleColumnKind;
  /** The sizes of a vector, or of raw pixels, one byte each. */
  readonly shape?: readonly number[];
  /**
   * True for numbers and vectors whose doubles are to come back as they were: beside the floats, which others read, lie
   * their 64 bits, as a byte string in the feature `<name>@float64`. A vector then is an array of numbers.
   */
  readonly exact?: boolean;
}

/** The columns of a table; a `DataSchema` of `@tenon/ml` is one. */
export interface ExampleSchema {
  readonly columns: readonly ExampleColumn[];
}

/** What a cell can hold. `null`, `undefined` and `NaN` are missing values. */
export type ExampleValue =
  | null
  | undefined
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Float32Array
  | readonly number[];

/** A row of a table: values by the name of their column. */
export type ExampleRow = { readonly [column: string]: ExampleValue };

export const featureKinds: Readonly<Record<ExampleColumnKind, Exclude<FeatureKind, "none">>> = {
  boolean: "int64",
  integer: "int64",
  number: "float",
  text: "bytes",
  time: "bytes",
  bytes: "bytes",
  vector: "float",
};

/** Whether a column's doubles lie beside its floats. */
export function isExact({ kind, exact = false }: ExampleColumn): boolean {
  return exact && (kind === "number" || kind === "vector");
}

/** The feature with the doubles of an exact column, in little-endian order. */
export function exactFeature(name: string): string {
  return `${name}@float64`;
}

/** @throws `EXAMPLE_INVALID` if a column's shape asks for another size */
export function checkSize(doing: string, { name, shape }: ExampleColumn, found: number): void {
  const expected = shape?.reduce((product, size) => product * size, 1);
  if (expected === undefined || expected === found) return;
  throw unfit(doing, name, `${expected} values by its shape [${shape?.join(", ")}]`, `${found}`);
}

export function unfit(doing: string, column: string, expected: string, found: string): TenonError {
  return new TenonError("EXAMPLE_INVALID", {
    doing,
    found: `column '${column}' should have ${expected}, and has ${found}`,
    details: { column, expected, found },
  });
}

/** An entry that becomes an own member of an object, even if its name is `__proto__`. */
export function setOwn<T>(object: Record<string, T>, name: string, value: T): void {
  if (name === "__proto__")
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  else object[name] = value;
}
