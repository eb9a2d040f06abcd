import { type Materializer, readColumns, TenonError } from "@tenon/core";
import { isArrowTable, RecordBatchStreamWriter, type Table, tableFromIPC } from "apache-arrow";
import { arrowOfColumns } from "./arrow-of-columns.js";
import { withOwnDictionaryIds } from "./dictionary-ids.js";
import { arrowTable } from "./index.js";

const path = "table.arrows";

export const materializer: Materializer<Table> = {
  type: arrowTable,
  format: "arrow-stream",
  reads: ["arrow-stream", "columns/1", "jsonl", "json"],
  recognises: (value): value is Table => isArrowTable(value),

  async save(table, files) {
    if (!isArrowTable(table)) throw notTable(table);
    await files.write(path, RecordBatchStreamWriter.writeAll(withOwnDictionaryIds(table)));
  },

  async load(files) {
    if (files.format !== "arrow-stream") return arrowOfColumns(await readColumns(files));
    return tableFromIPC(files.stream(path));
  },

  metadata: ({ numRows, schema: { fields } }) => ({
    rows: numRows,
    columns: fields.map(({ name }) => name).slice(0, 1000),
    schema: Object.fromEntries(fields.slice(0, 1000).map(({ name, type }) => [name, String(type)])),
  }),
};

function notTable(value: unknown): TenonError {
  return new TenonError("MATERIALIZER_MISSING", {
    doing: `saving a value as ${arrowTable.name}`,
    found: `it is ${value === null ? "null" : typeof value}, not a table of apache-arrow`,
    fix: "Make one with tableFromArrays or tableFromJSON of apache-arrow, or declare another type.",
  });
}
