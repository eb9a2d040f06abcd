import type { Column, Columns, JsonValue } from "@tenon/core";
import {
  Bool,
  type Data,
  type DataType,
  Field,
  Float64,
  List,
  makeData,
  Null,
  RecordBatch,
  Schema,
  Struct,
  Table,
  Utf8,
  vectorFromArray,
} from "apache-arrow";

/**
 * Columns of plain data as an Arrow table of one batch; what is missing is null.
 *
 * Numbers become Float64, texts Utf8, truth values Bool, lists of numbers List<Float64>, a column with nothing in it Null. For
 * whatever else there is no one Arrow type that always fits: it becomes its JSON text, in Utf8, and the field's metadata says
 * `tenon.json`.
 */
export function arrowOfColumns({ rows, columns }: Columns): Table {
  const made = Object.entries(columns).map(([name, column]) => ofColumn(name, column));
  const schema = new Schema(made.map(({ field }) => field));
  const data = makeData({
    type: new Struct(schema.fields),
    length: rows,
    nullCount: 0,
    children: made.map((one) => one.data),
  });
  return new Table(schema, new RecordBatch(schema, data));
}

interface ArrowColumn {
  readonly field: Field;
  readonly data: Data;
}

function ofColumn(name: string, column: Column): ArrowColumn {
  if (column instanceof Float64Array) return { field: new Field(name, new Float64(), true), data: ofNumbers(column) };
  const present = column.filter((value) => value !== null);
  if (present.length === 0) {
    return { field: new Field(name, new Null(), true), data: makeData({ type: new Null(), length: column.length }) };
  }
  const type = typeOf(present);
  if (type !== undefined) return ofValues(new Field(name, type, true), column);
  const field = new Field(name, new Utf8(), true, new Map([["tenon.json", "true"]]));
  return ofValues(
    field,
    column.map((value) => (value === null ? null : JSON.stringify(value))),
  );
}

function typeOf(present: readonly JsonValue[]): DataType | undefined {
  if (present.every((value) => typeof value === "string")) return new Utf8();
  if (present.every((value) => typeof value === "boolean")) return new Bool();
  if (present.every((value) => typeof value === "number")) return new Float64();
  return present.every(isNumbers) ? new List(new Field("item", new Float64(), true)) : undefined;
}

function isNumbers(value: JsonValue): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === "number" || item === null);
}

function ofValues(field: Field, values: readonly JsonValue[]): ArrowColumn {
  const [data] = vectorFromArray(values, field.type).data;
  return { field, data: data ?? makeData({ type: field.type, length: 0 }) };
}

/** The numbers as they are, with a bitmap of those that are there. */
function ofNumbers(numbers: Float64Array): Data<Float64> {
  const bitmap = new Uint8Array(Math.ceil(numbers.length / 64) * 8);
  let missing = 0;
  for (let row = 0; row < numbers.length; row += 1) {
    if (Number.isNaN(numbers[row])) missing += 1;
    else bitmap[row >> 3] = (bitmap[row >> 3] as number) | (1 << (row & 7));
  }
  const nulls = missing > 0 ? { nullBitmap: bitmap } : {};
  return makeData({ type: new Float64(), length: numbers.length, nullCount: missing, data: numbers, ...nulls });
}
