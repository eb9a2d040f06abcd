/**
 * What a column holds. `integer` is a number without fraction, `time` a text in ISO 8601, `bytes` a file or raw pixels,
 * `vector` a list of numbers.
 */
export type ColumnKind = "boolean" | "integer" | "number" | "text" | "time" | "bytes" | "vector";

/** What is expected of one column. What is not said is not checked. */
export interface ColumnSchema {
  readonly name: string;
  readonly kind: ColumnKind;
  /** True if every row must have a value. */
  readonly required: boolean;
  /** All values that a text may have. */
  readonly domain?: readonly string[];
  /** The smallest and greatest number. */
  readonly minimum?: number;
  readonly maximum?: number;
  /** Of a vector, its sizes: `[4]`. Of raw pixels, `[height, width, channels]`, one byte each. */
  readonly shape?: readonly number[];
}

/** What is expected of a table. Its columns have an order, which is that of the features made of them. */
export interface DataSchema {
  readonly columns: readonly ColumnSchema[];
}

/** How many numbers or bytes a value of this shape has. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
