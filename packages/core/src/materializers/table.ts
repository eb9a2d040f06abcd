import type { JsonObject } from "../contracts/json.js";
import type { Materializer } from "../contracts/materializer.js";
import { TenonError } from "../errors.js";
import { canonicalJson, NotJson } from "./canonical-json.js";
import { describe } from "./plain-values.js";
import { rowsPath as path, storedRows } from "./stored-rows.js";
import { table } from "./types.js";

const pieceCharacters = 1 << 18;

export const materializer: Materializer<readonly JsonObject[]> = {
  type: table,
  format: "jsonl",
  reads: ["jsonl", "columns/1", "json"],

  async save(rows, files) {
    if (!Array.isArray(rows)) throw notRows(`it is ${describe(rows)}, not an array`);
    const pieces = encode(rows);
    const first = pieces.next().value ?? "";
    const second = pieces.next();
    if (second.done) await files.write(path, first);
    else await files.write(path, inBytes([first, second.value], pieces));
  },

  async load(files) {
    const rows: JsonObject[] = [];
    for await (const row of storedRows(files)) rows.push(row);
    return rows;
  },

  metadata(rows) {
    const columns = new Set<string>();
    for (const row of rows) for (const key of Object.keys(row)) columns.add(key);
    return { rows: rows.length, columns: [...columns].sort().slice(0, 1000) };
  },
};

function* encode(rows: readonly unknown[]): Generator<string, void> {
  let text = "";
  for (let index = 0; index < rows.length; index += 1) {
    const row = rows[index];
    if (typeof row !== "object" || row === null || Array.isArray(row)) {
      throw notRows(`row ${index} is ${describe(row)}, not an object`);
    }
    try {
      for (const piece of canonicalJson(row)) text += piece;
    } catch (error) {
      if (!(error instanceof NotJson)) throw error;
      throw notRows(`in row ${index}, ${error.message}, which JSON cannot hold exactly`);
    }
    text += "\n";
    if (text.length < pieceCharacters) continue;
    yield text;
    text = "";
  }
  yield text;
}

async function* inBytes(head: readonly string[], rest: Iterable<string>): AsyncIterable<Uint8Array> {
  for (const pieces of [head, rest]) for (const piece of pieces) yield Buffer.from(piece);
}

function notRows(found: string): TenonError {
  return new TenonError("MATERIALIZER_MISSING", {
    doing: "saving a value as table",
    found,
    fix: "A table is an array of plain objects; declare another type, or leave the type out.",
  });
}
