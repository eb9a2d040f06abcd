import type { JsonValue } from "../contracts/json.js";
import type { ArtifactReader } from "../contracts/materializer.js";
import { TenonError } from "../errors.js";
import type { Column, Columns } from "./columns.js";
import { jsonLines } from "./json-lines.js";

const path = "columns.bin";

export function isColumnsFormat(format: string): boolean {
  return format === "columns/1";
}

/** What the materializer of `columns` has written. */
export async function readStoredColumns(files: ArtifactReader): Promise<Columns> {
  const { rows, columns: header } = JSON.parse(await files.text("columns.json")) as {
    rows: number;
    columns: { name: string; numbers: boolean; size: number }[];
  };
  const columns: [string, Column][] = [];
  let start = 0;
  for (const { name, numbers, size } of header) {
    const piece = size === 0 ? empty() : files.stream(path, { start, end: start + size });
    const column = numbers ? await readNumbers(piece, size / 8) : await readValues(piece);
    if (column.length !== rows) {
      throw new TenonError("ARTIFACT_CORRUPT", {
        doing: `reading column '${name}' of '${path}'`,
        found: `it has ${column.length} values for ${rows} rows`,
      });
    }
    columns.push([name, column]);
    start += size;
  }
  return { rows, columns: Object.fromEntries(columns) };
}

async function readNumbers(body: AsyncIterable<Uint8Array>, count: number): Promise<Float64Array> {
  const bytes = new Uint8Array(count * 8);
  let filled = 0;
  for await (const piece of body) {
    bytes.set(piece, filled);
    filled += piece.length;
  }
  const view = new DataView(bytes.buffer);
  const numbers = new Float64Array(count);
  for (let index = 0; index < count; index += 1) numbers[index] = view.getFloat64(index * 8, true);
  return numbers;
}

async function readValues(body: AsyncIterable<Uint8Array>): Promise<JsonValue[]> {
  const values: JsonValue[] = [];
  for await (const value of jsonLines(body, path)) values.push(value as JsonValue);
  return values;
}

async function* empty(): AsyncGenerator<Uint8Array, void> {}
