import { artifactType, defineIntegration, defineMaterializer } from "@tenon/core";
import type { Table } from "apache-arrow";

/**
 * A table of Apache Arrow. Any table that core has stored can be read as one:
 *
 * @example const train = await run.step("split").outputs.train.load({ as: arrowTable });
 */
export const arrowTable = artifactType<Table>("arrow/Table");

export const table = defineMaterializer<Table>({ type: arrowTable, classes: ["Table"], writes: "arrow-stream", reads: ["arrow-stream", "columns/1", "jsonl", "json"], requires: ["apache-arrow"], load: () => import("./table-materializer.js") });

export default defineIntegration({ name: "arrow", materializers: [table] });
