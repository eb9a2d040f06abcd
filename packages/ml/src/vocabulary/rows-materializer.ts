import type { Materializer } from "@tenon/core";
import { TenonError } from "@tenon/core";
import { readStoredRows } from "./read-stored-rows.js";
import { columnNames, type Rows, type Value } from "./row.js";
import { type ColumnLayout, layoutOf } from "./row-columns.js";
import { rows as type } from "./types.js";

/**
 * Rows lie by their columns, as core's `columns` do (`columns/1`), so that core and other views read them; what JSON does not
 * have, bytes and lists of single-precision numbers, is base64 there, and `encodings.json` says so.
 */
export const materializer: Materializer<Rows> = {
  type,
  format: "columns/1",
  reads: ["columns/1", "jsonl", "json", "ml-tfrecord/1"],

  async save(rows, files) {
    if (!Array.isArray(rows)) throw notRows(`it is ${rows === null ? "null" : typeof rows}, not an array`);
    const layout = layoutOf(rows);
    const sizes: number[] = [];
    await files.write("columns.bin", columnBytes(rows, layout, sizes));
    const columns = layout.map(({ name, numbers }, index) => ({ name, numbers, size: sizes[index] as number }));
    await files.write("columns.json", JSON.stringify({ columns, rows: rows.length }));
    const encodings = layout.flatMap(({ name, encoding }) => (encoding === "json" ? [] : [[name, encoding]]));
    if (encodings.length > 0) await files.write("encodings.json", JSON.stringify(Object.fromEntries(encodings)));
  },

  async load(files) {
    if (files.format !== "ml-tfrecord/1") return readStoredRows(files);
    return (await import("./tfrecord-materializer.js")).readTfrecordRows(files);
  },

  metadata: (rows) => ({
    rows: rows.length,
    columns: columnNames(rows).slice(0, 1000),
  }),
};

const pieceBytes = 1 << 18;

async function* columnBytes(
  rows: Rows,
  layout: readonly ColumnLayout[],
  sizes: number[],
): AsyncGenerator<Uint8Array, void> {
  for (const column of layout) {
    let size = 0;
    for (const piece of column.numbers ? numberBytes(rows, column) : valueBytes(rows, column)) {
      size += piece.length;
      yield piece;
    }
    sizes.push(size);
  }
}

function* numberBytes(rows: Rows, { name }: ColumnLayout): Generator<Uint8Array, void> {
  for (let start = 0; start < rows.length; start += pieceBytes / 8) {
    const some = rows.slice(start, start + pieceBytes / 8);
    const view = new DataView(new ArrayBuffer(some.length * 8));
    some.forEach((row, index) => {
      view.setFloat64(index * 8, (row[name] as number | null | undefined) ?? Number.NaN, true);
    });
    yield new Uint8Array(view.buffer);
  }
}

function* valueBytes(rows: Rows, { name, encoding }: ColumnLayout): Generator<Uint8Array, void> {
  let text = "";
  for (const row of rows) {
    const value = row[name] ?? null;
    text += `${value === null || encoding === "json" ? JSON.stringify(value) : `"${base64(value)}"`}\n`;
    if (text.length < pieceBytes) continue;
    yield Buffer.from(text);
    text = "";
  }
  if (text !== "") yield Buffer.from(text);
}

function base64(value: Value): string {
  const { buffer, byteOffset, byteLength } = value as Uint8Array | Float32Array;
  return Buffer.from(buffer, byteOffset, byteLength).toString("base64");
}

function notRows(found: string): TenonError {
  return new TenonError("DATA_INVALID", {
    doing: "saving rows",
    found,
    fix: "Rows are an array of plain objects.",
  });
}
