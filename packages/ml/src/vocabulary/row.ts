import { compareKeys } from "@tenon/core";

/**
 * What a cell can hold. `null` is a missing value, as are `NaN` and a column that a row does not have. Numbers are finite. Bytes are
 * an encoded file or the raw pixels of an image, whose shape the schema says; a vector is a list of numbers, or a `Float32Array`
 * where there are many. A time is text in ISO 8601, in UTC if it says no zone; an integer beyond 2^53 is its decimal text: both
 * stay exact in every format.
 */
export type Value = null | boolean | number | string | Uint8Array | Float32Array | readonly number[];

/** A row of a table: values by the name of their column. */
export type Row = { readonly [column: string]: Value };

/** A table, row by row. Rows need not have the same columns: one that is not there is missing. */
export type Rows = readonly Row[];

/** The input of a step that takes one table. */
export interface RowsInput {
  readonly rows: Rows;
}

/** The parts of a split, by name: `{ train, test }`. Every row is in one part at most. */
export type Splits<Name extends string = string> = Readonly<Record<Name, Rows>>;

/** Whether a cell holds nothing. */
export function isMissing(value: Value | undefined): value is null | undefined {
  return value === null || value === undefined || (typeof value === "number" && Number.isNaN(value));
}

export function isVector(value: Value | undefined): value is readonly number[] | Float32Array {
  return Array.isArray(value) || value instanceof Float32Array;
}

/** Numbers by size, all others by the code points of their text. */
export function inOrder(one: Value, other: Value): number {
  if (typeof one === "number" && typeof other === "number") return one - other;
  return compareKeys(String(one), String(other));
}

/** The names of all columns, in the order in which rows first have them. */
export function columnNames(rows: Rows): readonly string[] {
  const names = new Set<string>();
  for (const row of rows) for (const name of Object.keys(row)) names.add(name);
  return [...names];
}

/** What a value is, in two words, for an error's text: `a text`, `missing`. */
export function describeValue(value: Value | undefined): string {
  if (isMissing(value)) return "missing";
  if (typeof value === "string") return `the text '${value.length > 40 ? `${value.slice(0, 40)}…` : value}'`;
  if (typeof value === "number" || typeof value === "boolean") return `the ${typeof value} ${value}`;
  return value instanceof Uint8Array ? `${value.length} bytes` : `a vector of ${value.length} numbers`;
}
