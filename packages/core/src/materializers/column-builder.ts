import type { JsonValue } from "../contracts/json.js";
import type { Column } from "./columns.js";

/** Grows one column, row by row: numbers for as long as there is nothing else in it. */
export class ColumnBuilder {
  #numbers: Float64Array | undefined;
  #values: JsonValue[] | undefined;
  /** Rows so far; those before the first number or value are missing. */
  #rows = 0;

  /** @param row its index, not below that of the value before; rows in between are missing */
  add(row: number, value: JsonValue): void {
    if (value === null) return;
    if (this.#values) this.#values = padded(this.#values, row);
    else if (typeof value === "number") this.#numbers = roomy(this.#numbers, row, this.#rows);
    else this.#values = padded(this.#inWords(), row);
    if (this.#values) this.#values.push(value);
    else if (this.#numbers) this.#numbers[row] = value as number;
    this.#rows = row + 1;
  }

  finish(rows: number): Column {
    if (this.#values) return padded(this.#values, rows);
    if (!this.#numbers) return padded([], rows);
    return roomy(this.#numbers, rows, this.#rows).slice(0, rows);
  }

  /** The numbers so far, in a column that turned out to hold more than numbers. */
  #inWords(): JsonValue[] {
    const numbers = this.#numbers?.subarray(0, this.#rows) ?? [];
    this.#numbers = undefined;
    return Array.from(numbers, (value) => (Number.isNaN(value) ? null : value));
  }
}

function padded(values: JsonValue[], rows: number): JsonValue[] {
  while (values.length < rows) values.push(null);
  return values;
}

/** With room for one row more than `rows`; what was not set is missing. */
function roomy(numbers: Float64Array | undefined, rows: number, used: number): Float64Array {
  if (numbers && rows < numbers.length) return numbers;
  const grown = new Float64Array(Math.max(64, (rows + 1) * 2)).fill(Number.NaN);
  if (numbers) grown.set(numbers.subarray(0, used));
  return grown;
}
