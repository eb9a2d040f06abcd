import type { JsonObject, JsonValue } from "../contracts/json.js";
import type { ArtifactReader } from "../contracts/materializer.js";
import { TenonError } from "../errors.js";
import { jsonLines } from "./json-lines.js";
import { describe } from "./plain-values.js";
import { isColumnsFormat, readStoredColumns } from "./stored-columns.js";

/** The file of rows that the materializer of `table` writes. */
export const rowsPath = "rows.jsonl";

/**
 * The rows of a stored table, whichever of core's own materializers wrote it: `table`, `columns`, or `json` where it is a
 * list of objects.
 *
 * @throws `ARTIFACT_FORMAT_UNREADABLE` if it is JSON, but no list of objects
 */
export async function* storedRows(files: ArtifactReader): AsyncGenerator<JsonObject, void> {
  if (isColumnsFormat(files.format)) {
    yield* rowsOfColumns(files);
  } else if (files.format === "json") {
    const { materializer } = await import("./json.js");
    const value = await materializer.load(files);
    if (!Array.isArray(value)) throw noTable(`it is ${describe(value)}, not an array`);
    for (const [index, row] of value.entries()) {
      if (!isObject(row)) throw noTable(`row ${index} is ${describe(row)}, not an object`);
      yield row;
    }
  } else {
    for await (const row of jsonLines(files.stream(rowsPath), rowsPath)) yield row as JsonObject;
  }
}

async function* rowsOfColumns(files: ArtifactReader): AsyncGenerator<JsonObject, void> {
  const { rows, columns } = await readStoredColumns(files);
  const named = Object.entries(columns);
  for (let row = 0; row < rows; row += 1) {
    yield Object.fromEntries(
      named.map(([name, column]) => {
        const value = column[row] as JsonValue;
        return [name, Number.isNaN(value) ? null : value];
      }),
    );
  }
}

function isObject(row: JsonValue): row is JsonObject {
  return typeof row === "object" && row !== null && !Array.isArray(row);
}

function noTable(found: string): TenonError {
  return new TenonError("ARTIFACT_FORMAT_UNREADABLE", {
    doing: "reading a stored value as a table",
    found,
    fix: "A table is a list of plain objects; load it as json.",
  });
}
