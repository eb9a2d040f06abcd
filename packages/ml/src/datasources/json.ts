import type { Row } from "../vocabulary/row.js";
import { describeFiles, type Files, findFiles, unreadable } from "./files.js";
import { plainRow } from "./plain-value.js";
import type { RowSource } from "./row-source.js";

/** Files that hold an array of objects each. */
export function json(files: Files): RowSource {
  return {
    kind: "json",
    description: `JSON ${describeFiles(files)}`,
    async read({ directory, signal }) {
      const { readFile } = await import("node:fs/promises");
      const rows: Row[] = [];
      for (const file of await findFiles(files, directory)) {
        try {
          const parsed: unknown = JSON.parse(
            unmarked(await readFile(file, { encoding: "utf8", ...(signal && { signal }) })),
          );
          if (!Array.isArray(parsed)) throw new Error("it is not an array of objects");
          for (const [index, record] of parsed.entries()) rows.push(plainRow(object(record, index), index, file));
        } catch (cause) {
          signal?.throwIfAborted();
          throw unreadable(file, "JSON", cause);
        }
      }
      return rows;
    },
  };
}

/** Files with an object on each line, read line by line. */
export function jsonLines(files: Files): RowSource {
  return {
    kind: "jsonl",
    description: `JSON lines ${describeFiles(files)}`,
    async read({ directory, signal }) {
      const [{ createReadStream }, { createInterface }] = await Promise.all([
        import("node:fs"),
        import("node:readline"),
      ]);
      const rows: Row[] = [];
      for (const file of await findFiles(files, directory)) {
        let number = 0;
        try {
          const input = createReadStream(file, { encoding: "utf8", ...(signal && { signal }) });
          for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
            number += 1;
            const text = number === 1 ? unmarked(line) : line;
            if (text.trim() !== "") rows.push(plainRow(object(JSON.parse(text), number - 1), number - 1, file));
          }
        } catch (cause) {
          signal?.throwIfAborted();
          throw unreadable(`line ${number} of ${file}`, "JSON lines", cause);
        }
      }
      return rows;
    },
  };
}

/** Without the mark of UTF-8 that some editors begin a file with. */
function unmarked(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

function object(record: unknown, index: number): Readonly<Record<string, unknown>> {
  if (typeof record === "object" && record !== null && !Array.isArray(record)) return record as Record<string, unknown>;
  throw new Error(`row ${index} is not an object`);
}
