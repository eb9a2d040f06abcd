import type { ArtifactReader } from "../contracts/materializer.js";
import type { Columns } from "./columns.js";

/**
 * Reads a stored table by its columns, whichever of core's formats it is in: `jsonl`, `columns/1`, or a list of objects in
 * `json`. For materializers that offer another view of tables; their `reads` name these formats.
 *
 * @example load: async (files) => frameOf(await readColumns(files))
 */
export async function readColumns(files: ArtifactReader): Promise<Columns> {
  return (await import("./columns.js")).materializer.load(files);
}
