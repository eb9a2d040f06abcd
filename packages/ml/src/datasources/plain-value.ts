import { TenonError } from "@tenon/core";
import type { Row, Value } from "../vocabulary/row.js";

/** A row of a database or a file as rows are here: dates and great integers as text, lists of numbers as vectors. */
export function plainRow(record: Readonly<Record<string, unknown>>, index: number, source: string): Row {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name, plainValue(value, name, index, source)]),
  );
}

function plainValue(value: unknown, column: string, row: number, source: string): Value {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "undefined":
      return null;
    case "number":
      if (Number.isFinite(value)) return value;
      if (Number.isNaN(value)) return null;
      break;
    case "bigint":
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    case "object": {
      if (value === null) return null;
      if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
      if (value instanceof Uint8Array) return new Uint8Array(value);
      if (value instanceof Float32Array) return value;
      const list = ArrayBuffer.isView(value) ? Array.from(value as unknown as Iterable<number>) : value;
      if (Array.isArray(list)) {
        const numbers = list.map((one) => (typeof one === "bigint" ? Number(one) : one));
        if (numbers.every((one) => typeof one === "number" && Number.isFinite(one))) return numbers as number[];
      }
    }
  }
  const what = Array.isArray(value)
    ? "a list of other things than numbers"
    : typeof value === "object"
      ? "an object"
      : String(value);
  throw new TenonError("DATA_UNREADABLE", {
    doing: `reading row ${row} of ${source}`,
    found: `the column '${column}' holds ${what}, which a row cannot hold`,
    fix: "A cell is a truth value, a finite number, a text, bytes or a list of numbers: choose other columns, or flatten it before.",
    details: { column, row },
  });
}
