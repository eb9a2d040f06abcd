import { defineMaterializer, type MaterializerDefinition } from "../contracts/integration.js";
import { isJson } from "./is-json.js";
import { isDirectoryArtifact, isFileArtifact } from "./paths.js";
import { notStructured } from "./structured-nodes.js";
import * as types from "./types.js";

const json = defineMaterializer({ type: types.json, writes: "json", load: () => import("./json.js") });
const bytes = defineMaterializer({ type: types.bytes, writes: "bytes", load: () => import("./bytes.js") });
const file = defineMaterializer({ type: types.file, writes: "file", load: () => import("./file.js") });
const structured = defineMaterializer<unknown>({
  type: types.structured,
  writes: "structured/1",
  reads: ["structured/1", "json"],
  load: () => import("./structured.js"),
});
const directory = defineMaterializer({
  type: types.directory,
  writes: "directory",
  load: () => import("./directory.js"),
});
const byteStream = defineMaterializer({
  type: types.byteStream,
  writes: "bytes",
  load: () => import("./byte-stream.js"),
});

/** What core itself saves and loads, each loaded when it is needed. In artifact records its integration is `core`. */
export const builtInMaterializers = [
  json,
  defineMaterializer({ type: types.text, writes: "text", load: () => import("./plain-text.js") }),
  bytes,
  structured,
  file,
  directory,
  byteStream,
  defineMaterializer({
    type: types.table,
    writes: "jsonl",
    reads: ["jsonl", "columns/1", "json"],
    load: () => import("./table.js"),
  }),
  defineMaterializer({
    type: types.columns,
    writes: "columns/1",
    reads: ["columns/1", "jsonl", "json"],
    load: () => import("./columns.js"),
  }),
  defineMaterializer({ type: types.csv, writes: "csv", load: () => import("./csv.js") }),
  defineMaterializer({ type: types.html, writes: "html", load: () => import("./html.js") }),
  defineMaterializer({ type: types.markdown, writes: "markdown", load: () => import("./markdown.js") }),
  defineMaterializer({ type: types.svg, writes: "svg", load: () => import("./svg.js") }),
] as unknown as readonly MaterializerDefinition[];

/**
 * The built-in that saves a value whose type was not declared; undefined for class instances, functions and symbols, and
 * for what holds such.
 *
 * What JSON holds exactly is `json`, a lone string too (so that a type does not flip between runs); a Uint8Array is
 * `bytes`; an async iterable (a Readable, too) is `byteStream`; file and directory handles are `file` and `directory`; other
 * data is `structured`. The text types, `table` and `columns` have to be declared: no value shows that it is meant as one.
 */
export function builtInForValue(value: unknown): MaterializerDefinition | undefined {
  return findForValue(value) as MaterializerDefinition | undefined;
}

function findForValue(value: unknown) {
  if (isJson(value)) return json;
  if (typeof value === "function" || typeof value === "symbol") return undefined;
  if (typeof value !== "object" || value === null) return structured;
  if (value instanceof Uint8Array) return bytes;
  if (isFileArtifact(value)) return file;
  if (isDirectoryArtifact(value)) return directory;
  if (Symbol.asyncIterator in value) return byteStream;
  return notStructured(value) ? undefined : structured;
}

/** Why no built-in saves a value, for an error's text: `$.model is an instance of Forest`; undefined if one does. */
export function whyNotBuiltIn(value: unknown): string | undefined {
  return builtInForValue(value) ? undefined : notStructured(value)?.message;
}
