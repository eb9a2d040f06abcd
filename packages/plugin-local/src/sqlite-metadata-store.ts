import { isAbsolute, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { KeyvSqlite } from "@keyv/sqlite";
import type { ComponentContext, MetadataStore } from "@tenon/core";
import { KeyvMetadataStore, translated } from "@tenon/core/keyv";
import { codeOf, sqliteDialect, table } from "./sqlite-dialect.js";
import { prepareFile, watchFile } from "./sqlite-file.js";

export interface SqliteConfig {
  /** Relative to the project root; by default `metadata.sqlite` in the state directory. */
  readonly file?: string | undefined;
  /**
   * What a completed write survives: `process`, that the process is killed; `power`, that the machine loses power, for
   * about 0.3 ms a write.
   */
  readonly durability?: "process" | "power" | undefined;
  /** How long to wait for another process's lock, in milliseconds; by default 10,000. */
  readonly busyTimeout?: number | undefined;
}

export async function create({ config, project }: ComponentContext<SqliteConfig>): Promise<MetadataStore> {
  const { file } = config;
  if (file === undefined) return await openSqlite(join(project.stateDirectory, "metadata.sqlite"), config);
  return await openSqlite(isAbsolute(file) ? file : join(project.root, file), config);
}

/**
 * Opens a file, which is made if it is not there, for use beside any number of other processes.
 *
 * @throws STORE_NOT_A_DATABASE, STORE_READ_ONLY, STORE_LOCKED, STORE_FULL, STORE_UNAVAILABLE
 */
export async function openSqlite(
  file: string,
  { durability = "process", busyTimeout = 10_000 }: Omit<SqliteConfig, "file"> = {},
  /** Further settings of the connection, as SQLite's pragmas. */
  pragmas: readonly string[] = [],
): Promise<MetadataStore> {
  prepareFile(file);
  const synchronous = durability === "power" ? "FULL" : "NORMAL";
  // 16 MB each of pages in memory and of log before it is worked into the file.
  const sizes = ["cache_size = -16000", "wal_autocheckpoint = 4000"];
  const settings = ["journal_mode = WAL", `synchronous = ${synchronous}`, ...sizes, ...pragmas];
  const deadline = performance.now() + busyTimeout;
  for (;;) {
    const adapter = new KeyvSqlite({ uri: `sqlite://${file}`, table, busyTimeout });
    adapter.on("error", () => {}); // each failure also rejects the query that met it
    try {
      for (const setting of settings) await adapter.query(`PRAGMA ${setting}`);
      return new KeyvMetadataStore(adapter, sqliteDialect(file, watchFile(file)));
    } catch (error) {
      await adapter.close().catch(() => {});
      // Changing to WAL does not wait for a lock as other statements do.
      if (codeOf(error) === "SQLITE_BUSY" && performance.now() < deadline) {
        await setTimeout(5 + Math.random() * 20);
        continue;
      }
      throw translated(
        error,
        "opening the metadata store",
        sqliteDialect(file, () => {}),
      );
    }
  }
}
