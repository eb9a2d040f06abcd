import { suggest, TenonError } from "@tenon/core";
import type { ColumnKind } from "../vocabulary/data-schema.js";
import { refuseUnknown } from "../vocabulary/known-options.js";
import { columnNames, type Row, type Rows, type Value } from "../vocabulary/row.js";
import { columnReader } from "./csv-columns.js";
import { describeFiles, type Files, findFiles, unreadable } from "./files.js";
import { evenIntegers } from "./plain-value.js";
import type { RowSource } from "./row-source.js";

export interface CsvOptions {
  /** By default a comma. */
  readonly delimiter?: string;
  /** The names of the columns, if the first line does not say them. */
  readonly header?: readonly string[];
  /** Texts that mean that nothing is there; by default an empty field, `NA`, `N/A`, `NaN`, `null` and `NULL`. */
  readonly missing?: readonly string[];
  /** The kinds of columns that are not to be told from their values: `{ zip: "text" }`. */
  readonly kinds?: Readonly<Record<string, Extract<ColumnKind, "boolean" | "integer" | "number" | "text" | "time">>>;
}

const missingTexts = ["", "NA", "N/A", "NaN", "null", "NULL"];

/**
 * Files of comma-separated values in UTF-8, as RFC 4180 has them. They are parsed as they are read. A column of which all values
 * are numbers, or `true` and `false`, is one of those; every other is text.
 *
 * @see https://www.rfc-editor.org/rfc/rfc4180
 * @example csv("data/*.csv", { kinds: { zip: "text" } })
 */
export function csv(files: Files, options: CsvOptions = {}): RowSource {
  refuseUnknown(options, ["delimiter", "header", "missing", "kinds"], `describing CSV ${describeFiles(files)}`);
  return {
    kind: "csv",
    description: `CSV ${describeFiles(files)}`,
    async read({ directory, signal }) {
      const table: Record<string, string>[] = [];
      for (const file of await findFiles(files, directory)) {
        try {
          for await (const record of recordsOf(file, options, signal)) table.push(record);
        } catch (cause) {
          signal?.throwIfAborted();
          throw unreadable(file, "CSV", cause);
        }
      }
      return typed(table, options);
    },
  };
}

async function* recordsOf(
  file: string,
  { delimiter = ",", header }: CsvOptions,
  signal: AbortSignal | undefined,
): AsyncGenerator<Record<string, string>, void> {
  const [{ parse }, { createReadStream }, { pipeline }] = await Promise.all([
    import("csv-parse"),
    import("node:fs"),
    import("node:stream"),
  ]);
  let named = header !== undefined;
  const columns = header
    ? onceEach(file, header)
    : (names: readonly string[]) => {
        named = true;
        return onceEach(file, names);
      };
  const parser = parse({ bom: true, delimiter, columns, skip_empty_lines: true });
  // What goes wrong is thrown by the loop.
  pipeline(
    createReadStream(file, { ...(signal && { signal }) }),
    (bytes) => checked(file, bytes),
    parser,
    () => {},
  );
  for await (const record of parser) yield record as Record<string, string>;
  if (!named) throw nothing(file);
}

/** The bytes as they are, once it is clear that they are text. */
async function* checked(file: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let read = 0;
  const refuseOthers = (chunk?: Uint8Array) => {
    try {
      decoder.decode(chunk, { stream: chunk !== undefined });
    } catch (cause) {
      const found = `bytes after the first ${read} are not UTF-8`;
      const from = chunk && isUtf16(chunk) ? "utf16" : "latin1";
      throw broken(file, found, `Save the file as UTF-8: iconv -f ${from} -t utf8, for one.`, cause);
    }
  };
  for await (const chunk of bytes) {
    refuseOthers(chunk);
    read += chunk.length;
    yield chunk;
  }
  refuseOthers();
  if (read === 0) throw nothing(file);
}

/** By the mark that such files begin with. */
function isUtf16([first, second]: Uint8Array): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}

function nothing(file: string): TenonError {
  return broken(file, "the file is empty, without so much as a line of names", "Was it written to its end?");
}

function onceEach(file: string, names: readonly string[]): string[] {
  if (names.includes("__proto__"))
    throw broken(file, "a column is called '__proto__', a name that JavaScript keeps for itself", "Rename it.");
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice === undefined) return [...names];
  throw broken(file, `two columns are called '${twice}'`, "Rename one of them.");
}

function broken(file: string, found: string, fix: string, cause?: unknown): TenonError {
  return new TenonError("DATA_UNREADABLE", { doing: `reading ${file} as CSV`, found, fix, details: { file }, cause });
}

/** Texts as values, column by column. */
function typed(table: readonly Record<string, string>[], { missing = missingTexts, kinds = {} }: CsvOptions): Rows {
  const absent = new Set(missing);
  const names = columnNames(table);
  const unknown = table.length > 0 ? Object.keys(kinds).find((name) => !names.includes(name)) : undefined;
  if (unknown !== undefined) throw noColumn(unknown, names);
  const readers = names.map((name) => {
    const values = table.map((record) => record[name]).filter((text) => text !== undefined && !absent.has(text));
    return [name, columnReader(name, values as string[], kinds[name])] as const;
  });
  const rows = table.map((record): Row => {
    return Object.fromEntries(
      readers.map(([name, read]): [string, Value] => {
        const text = record[name];
        return [name, text === undefined || absent.has(text) ? null : read(text)];
      }),
    );
  });
  return evenIntegers(rows);
}

function noColumn(name: string, names: readonly string[]): TenonError {
  return new TenonError("DATA_COLUMN_MISSING", {
    doing: `reading the column '${name}' of a CSV file as its kind says`,
    found: `its columns are ${names.join(", ")}`,
    fix: suggest(name, names, "Look at the spelling: upper and lower case differ.") as string,
    details: { column: name },
  });
}
