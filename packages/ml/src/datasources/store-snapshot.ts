import { type ArtifactType, Client } from "@tenon/core";
import { describeRows } from "../statistics/describe-rows.js";
import { statisticsMetadata } from "../statistics/statistics-metadata.js";
import { statisticsPage } from "../statistics/statistics-page.js";
import type { DataSchema } from "../vocabulary/data-schema.js";
import type { Rows } from "../vocabulary/row.js";
import type { CommitOptions, Snapshot } from "./datasource.js";
import type { RowSource } from "./row-source.js";

interface Target {
  readonly name: string;
  readonly artifact: string;
  readonly source: RowSource;
  readonly schema: DataSchema;
  readonly type: ArtifactType<Rows>;
}

/** Stores rows as the next version of a datasource, unless the latest has the same content. */
export async function storeSnapshot(
  { name, artifact, source, schema, type }: Target,
  rows: Rows,
  { client: given, directory, stack, tags = [], metadata, signal }: CommitOptions,
): Promise<Snapshot> {
  const statistics = describeRows(rows, schema);
  const client =
    given ?? new Client({ ...(directory !== undefined && { directory }), ...(stack !== undefined && { stack }) });
  try {
    const { artifact: stored, known } = await client.artifacts.save(artifact, rows, {
      type,
      // The tag keeps the garbage collector away: a snapshot is there until somebody removes it.
      tags: [`datasource:${name}`, ...tags],
      metadata: { ...statisticsMetadata(statistics), source: source.description, ...metadata },
      visualizations: [{ name: "statistics", mediaType: "text/html", body: statisticsPage(statistics, name) }],
      ...(signal && { signal }),
    });
    const { version, id, digest } = stored;
    return { version, id, digest, changed: !known, statistics };
  } finally {
    if (given === undefined) await client.close();
  }
}
