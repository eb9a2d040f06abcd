import { compareKeys, suggest, TenonError } from "@tenon/core";
import { momentOf } from "../vocabulary/moment.js";
import { isMissing, type Row, type Rows, type Value } from "../vocabulary/row.js";

/** The rows of each category, in the order of the categories' names; a missing value is a category too. */
export function categoriesOf(rows: Rows, by: string): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const [index, row] of rows.entries()) {
    const value = keyOf(row, by, index);
    const name = value === null ? "" : String(value);
    const group = groups.get(name);
    if (group) group.push(index);
    else groups.set(name, [index]);
  }
  return new Map([...groups].sort(([one], [other]) => compareKeys(one, other)));
}

/** A value by which rows can be told apart; null where it is missing. @throws `DATA_COLUMN_MISSING`, `DATA_INVALID` */
export function keyOf(row: Row, name: string, index: number): null | string | number | boolean {
  if (!Object.hasOwn(row, name)) throw noColumn(name, row, index);
  const value = row[name] as Value;
  if (isMissing(value)) return null;
  if (typeof value === "object") throw notKey(name, index, "bytes or a vector");
  return value;
}

/** Milliseconds of times in ISO 8601, in UTC where they say no zone; numbers as they are. @throws `DATA_COLUMN_MISSING`, `DATA_INVALID` */
export function momentsOf(rows: Rows, by: string): readonly number[] {
  return rows.map((row, index) => {
    const value = keyOf(row, by, index);
    const moment = typeof value === "number" ? value : typeof value === "string" ? momentOf(value) : Number.NaN;
    if (Number.isNaN(moment))
      throw notKey(by, index, value === null ? "missing" : `'${String(value)}', which is no time`);
    return moment;
  });
}

function noColumn(column: string, row: Row, index: number): TenonError {
  return new TenonError("DATA_COLUMN_MISSING", {
    doing: `splitting rows by the column '${column}'`,
    found: `row ${index} has ${Object.keys(row).join(", ")}`,
    fix: suggest(column, Object.keys(row), "Look at the spelling: upper and lower case differ.") as string,
    details: { column, row: index },
  });
}

function notKey(column: string, row: number, found: string): TenonError {
  return new TenonError("DATA_INVALID", {
    doing: `splitting rows by the column '${column}'`,
    found: `in row ${row} it is ${found}`,
    details: { column, row },
  });
}
