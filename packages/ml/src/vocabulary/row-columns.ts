import { TenonError } from "@tenon/core";
import { columnNames, describeValue, isMissing, type Rows, type Value } from "./row.js";

/** How one column of rows lies in a file. */
export interface ColumnLayout {
  readonly name: string;
  /** True if all its values are numbers: they lie as float64. */
  readonly numbers: boolean;
  /** `json` as they are; the others as base64. */
  readonly encoding: "json" | "bytes" | "float32";
}

type Kind = "number" | ColumnLayout["encoding"];

/** @throws `DATA_INVALID` if something is no row, or a column mixes what cannot lie together */
export function layoutOf(rows: Rows): readonly ColumnLayout[] {
  for (const [index, row] of rows.entries()) {
    if (typeof row !== "object" || row === null || Array.isArray(row)) {
      throw invalid(`row ${index} is ${row === null ? "null" : Array.isArray(row) ? "an array" : `a ${typeof row}`}`, {
        row: index,
      });
    }
  }
  return columnNames(rows).map((name) => {
    let common: Kind | undefined;
    for (const [index, row] of rows.entries()) {
      const value = row[name];
      if (isMissing(value)) continue;
      const kind = kindOf(value);
      if (kind === undefined)
        throw invalid(`in row ${index}, the column '${name}' is no value that a row can hold`, {
          row: index,
          column: name,
        });
      const both: Kind | undefined = common === undefined || common === kind ? kind : together(common, kind);
      if (both === undefined) {
        throw invalid(`in row ${index}, the column '${name}' is ${describeValue(value)}, but ${common} before`, {
          row: index,
          column: name,
        });
      }
      common = both;
    }
    const encoding = common === "bytes" || common === "float32" ? common : "json";
    return { name, numbers: common === "number", encoding };
  });
}

function kindOf(value: Exclude<Value, null>): Kind | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? "number" : undefined;
  if (typeof value === "string" || typeof value === "boolean") return "json";
  if (value instanceof Uint8Array) return "bytes";
  if (value instanceof Float32Array) return value.every(Number.isFinite) ? "float32" : undefined;
  return Array.isArray(value) && value.every(Number.isFinite) ? "json" : undefined;
}

function together(one: Kind, other: Kind): Kind | undefined {
  return [one, other].every((kind) => kind === "json" || kind === "number") ? "json" : undefined;
}

function invalid(found: string, details: Readonly<Record<string, unknown>>): TenonError {
  return new TenonError("DATA_INVALID", {
    doing: "saving rows",
    found,
    fix: "A value is null, a boolean, a finite number, a text, bytes, or a list of finite numbers; a column does not mix bytes with others.",
    details,
  });
}
