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
      return isSafe(value) ? Number(value) : String(value);
    case "object": {
      if (value === null) return null;
      if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
      if (value instanceof Uint8Array) return new Uint8Array(value);
      if (value instanceof Float32Array) return value;
      const list = ArrayBuffer.isView(value) ? Array.from(value as unknown as Iterable<number>) : value;
      if (Array.isArray(list)) {
        const numbers = list.map((one) => (isSafe(one) ? Number(one) : one));
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

function isSafe(value: unknown): value is bigint {
  return typeof value === "bigint" && Number.isSafeInteger(Number(value));
}

const wholeText = /^-?\d+$/;

/**
 * Columns of great integers as a whole as text: where one of them is beyond 2^53 and so a text, the small ones are texts too, so that
 * a column holds values of one kind.
 */
export function evenIntegers(rows: readonly Row[]): readonly Row[] {
  const great = new Set<string>();
  for (const row of rows) {
    for (const [name, value] of Object.entries(row)) if (typeof value === "string" && isGreat(value)) great.add(name);
  }
  const uneven = [...great].filter((name) => rows.some((row) => typeof row[name] === "number"));
  if (uneven.length === 0) return rows;
  const text = (value: Value) => (typeof value === "number" ? String(value) : value);
  return rows.map((row) => ({
    ...row,
    ...Object.fromEntries(
      uneven.flatMap((name) => (Object.hasOwn(row, name) ? [[name, text(row[name] as Value)]] : [])),
    ),
  }));
}

function isGreat(text: string): boolean {
  return wholeText.test(text) && !Number.isSafeInteger(Number(text));
}
