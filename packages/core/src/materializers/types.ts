import { type ArtifactType, artifactType } from "../contracts/artifact-type.js";
import type { JsonObject, JsonValue } from "../contracts/json.js";
import type { Columns } from "./columns.js";
import type { DirectoryArtifact, FileArtifact } from "./paths.js";

/** Plain data, held exactly: null, booleans, finite numbers, strings, arrays and plain objects. */
export const json: ArtifactType<JsonValue> = artifactType("json");
/** Text in UTF-8. A string that was not declared as text is saved as `json`, as any other plain value is. */
export const text: ArtifactType<string> = artifactType("text");
export const bytes: ArtifactType<Uint8Array> = artifactType("bytes");
/**
 * Plain data and beyond it: undefined, NaN, Infinity, -0, BigInt, Date, RegExp, Map, Set, typed arrays, ArrayBuffer,
 * sparse arrays, objects without a prototype, shared references and cycles. Not functions, symbols, class instances.
 */
export const structured: ArtifactType<unknown> = artifactType("structured");
/** A file on this machine: `fileArtifact(path)`. */
export const file: ArtifactType<FileArtifact> = artifactType("file");
/** A directory on this machine with all that is in it: `directoryArtifact(path)`. */
export const directory: ArtifactType<DirectoryArtifact> = artifactType("directory");
/** Bytes that come piece by piece. What is loaded can be iterated as often as one likes; each time it is read anew. */
export const byteStream: ArtifactType<AsyncIterable<Uint8Array>> = artifactType("byteStream");
/** Rows of plain data, each an object; saved and loaded line by line. What was saved as `columns` is read as rows, too. */
export const table: ArtifactType<readonly JsonObject[]> = artifactType("table");
/** A table by its columns, of which those of numbers are typed arrays. What was saved as `table` is read as columns, too. */
export const columns: ArtifactType<Columns> = artifactType("columns");
export const csv: ArtifactType<string> = artifactType("csv");
export const html: ArtifactType<string> = artifactType("html");
export const markdown: ArtifactType<string> = artifactType("markdown");
export const svg: ArtifactType<string> = artifactType("svg");
