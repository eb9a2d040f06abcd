import type { JsonValue } from "../contracts/json.js";
import type { ArtifactReader, Materializer } from "../contracts/materializer.js";
import { TenonError } from "../errors.js";
import { canonicalJson, canonicalJsonText, NotJson } from "./canonical-json.js";
import { ColumnBuilder } from "./column-builder.js";
import { isColumnsFormat, readStoredColumns } from "./stored-columns.js";
import { storedRows } from "./stored-rows.js";
import { columns } from "./types.js";

/** Numbers, `NaN` where one is missing; or values of any other kind, `null` where one is missing. */
export type Column = Float64Array | readonly JsonValue[];

/**
 * A table by its columns.
 *
 * Read from rows, a column whose values are all numbers is a `Float64Array`, and every other one an array; a value that is
 * `null`, or that a row does not have, is missing. A column of which every value is missing is an array of `null`.
 */
export interface Columns {
  readonly rows: number;
  /** By name; each as long as there are rows. */
  readonly columns: Readonly<Record<string, Column>>;
}

export const materializer: Materializer<Columns> = {
  type: columns,
  format: "columns/1",
  reads: ["columns/1", "jsonl", "json"],

  async save(value, files) {
    const checked = check(value);
    const header: { name: string; numbers: boolean; size: number }[] = [];
    await files.write("columns.bin", body(checked, header));
    await files.write("columns.json", canonicalJsonText({ rows: checked.rows, columns: header }));
  },

  load: (files) => (isColumnsFormat(files.format) ? readStoredColumns(files) : fromRows(files)),

  metadata: ({ rows, columns }) => ({ rows, columns: Object.keys(columns).sort().slice(0, 1000) }),
};

async function fromRows(files: ArtifactReader): Promise<Columns> {
  const builders = new Map<string, ColumnBuilder>();
  let rows = 0;
  for await (const row of storedRows(files)) {
    for (const name of Object.keys(row)) {
      let builder = builders.get(name);
      if (builder === undefined) {
        builder = new ColumnBuilder();
        builders.set(name, builder);
      }
      builder.add(rows, row[name] as JsonValue);
    }
    rows += 1;
  }
  // Not assignment, which would lose a column called __proto__.
  return { rows, columns: Object.fromEntries([...builders].map(([name, builder]) => [name, builder.finish(rows)])) };
}

/** One column after the other: numbers as little-endian float64, values as JSON lines. */
async function* body(
  { columns }: Columns,
  header: { name: string; numbers: boolean; size: number }[],
): AsyncGenerator<Uint8Array, void> {
  for (const [name, column] of Object.entries(columns)) {
    const numbers = column instanceof Float64Array;
    let size = 0;
    for (const piece of numbers ? numberBytes(column) : valueBytes(name, column)) {
      size += piece.length;
      yield piece;
    }
    header.push({ name, numbers, size });
  }
}

const numbersAtOnce = 1 << 16;

function* numberBytes(numbers: Float64Array): Generator<Uint8Array, void> {
  for (let start = 0; start < numbers.length; start += numbersAtOnce) {
    const some = numbers.subarray(start, start + numbersAtOnce);
    const view = new DataView(new ArrayBuffer(some.length * 8));
    // There are many NaN; equal columns have equal bytes only if one stands for all.
    some.forEach((value, index) => {
      view.setFloat64(index * 8, Number.isNaN(value) ? Number.NaN : value, true);
    });
    yield new Uint8Array(view.buffer);
  }
}

function* valueBytes(name: string, values: readonly unknown[]): Generator<Uint8Array, void> {
  let text = "";
  for (let row = 0; row < values.length; row += 1) {
    try {
      for (const piece of canonicalJson(values[row])) text += piece;
    } catch (error) {
      if (!(error instanceof NotJson)) throw error;
      throw notColumns(`in column '${name}', row ${row}, ${error.message}, which JSON cannot hold exactly`);
    }
    text += "\n";
    if (text.length < 1 << 18) continue;
    yield Buffer.from(text);
    text = "";
  }
  if (text !== "") yield Buffer.from(text);
}

function check(value: Columns): Columns {
  const { rows, columns } = (value ?? {}) as Partial<Columns>;
  if (typeof rows !== "number" || !Number.isSafeInteger(rows) || rows < 0) {
    throw notColumns("it has no number of rows");
  }
  if (typeof columns !== "object" || columns === null) throw notColumns("it has no columns");
  for (const [name, column] of Object.entries(columns)) {
    if (!(column instanceof Float64Array) && !Array.isArray(column)) {
      throw notColumns(`its column '${name}' is neither a Float64Array nor an array`);
    }
    if (column.length !== rows) throw notColumns(`its column '${name}' has ${column.length} values for ${rows} rows`);
  }
  return { rows, columns };
}

function notColumns(found: string): TenonError {
  return new TenonError("MATERIALIZER_MISSING", {
    doing: "saving a value as columns",
    found,
    fix: "Columns are { rows, columns }, each column a Float64Array or an array of plain data; declare another type, or leave the type out.",
  });
}
