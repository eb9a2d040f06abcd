import { suggest, TenonError } from "@tenon/core";
import type { ColumnKind, ColumnSchema, DataSchema } from "../vocabulary/data-schema.js";

const kinds: readonly ColumnKind[] = ["boolean", "integer", "number", "text", "time", "bytes", "vector"];

/** In a program without types anything may have been passed. @throws `PARAMETER_INVALID` */
export function checkSchema(schema: DataSchema): void {
  const columns: unknown = (schema as DataSchema | undefined)?.columns;
  if (!Array.isArray(columns)) throw wrong("it has no list of columns");
  for (const column of columns as (ColumnSchema | null | undefined)[]) {
    if (typeof column?.name !== "string") throw wrong("one of its columns has no name");
    if (kinds.includes(column.kind)) continue;
    const known = suggest(String(column.kind), kinds, `Choose one of ${kinds.join(", ")}.`);
    throw wrong(`the column '${column.name}' is of the kind '${String(column.kind)}'`, known);
  }
}

function wrong(
  found: string,
  fix = '{ columns: [{ name: "mass", kind: "number", required: true }] } is one.',
): TenonError {
  return new TenonError("PARAMETER_INVALID", { doing: "reading a schema of data", found, fix });
}
