import type { KeyvMysql } from "@keyv/mysql";
import type { SqlDialect } from "@tenon/core/keyv";
import { duplicateEntry, mysqlFault, numberOf } from "./mysql-faults.js";
import type { Patience } from "./patience.js";

export interface DialectOptions {
  readonly table: string;
  /** How messages name the server. */
  readonly server: string;
  readonly patience: Patience;
}

/** How MySQL and MariaDB speak SQL. */
export function mysqlDialect({ table, server, patience }: DialectOptions): SqlDialect<KeyvMysql> {
  return {
    name: server,
    table: `\`${table}\``,
    keyColumn: "id",
    valueColumn: "value",
    originColumn: "origin",
    // The other way to write it, `AS new`, is unknown to MariaDB.
    overwrite: "ON DUPLICATE KEY UPDATE value = VALUES(value)",
    rows: (records, origin = "") => ({
      sql: `VALUES ${Array(records.length).fill("(?, ?, ?)").join(", ")}`,
      parameters: records.flatMap(({ key, value }) => [key, value, origin]),
    }),
    among: (keys) => ({ sql: `IN (${Array(keys.length).fill("?").join(", ")})`, parameters: keys }),
    placeholder: () => "?",
    query: async (adapter, { sql, parameters }) => {
      const query = adapter.query as unknown as Query;
      const rows = await query(sql, parameters);
      // The driver gives binary columns as bytes.
      return rows.map(({ id, value }) => ({ key: String(id ?? ""), value: value as string | null }));
    },
    isDuplicate: (error) => numberOf(error) === duplicateEntry,
    explain: (error) => mysqlFault(error, server, table, patience.suffix(error)),
    recover: (error, attempt) => patience.recover(error, attempt),
  };
}

type Query = (sql: string, parameters: readonly (string | number)[]) => Promise<readonly Record<string, unknown>[]>;

/**
 * Keys are bytes, so that no collation (they differ between versions) has a say in what is equal and what comes first.
 * 250 bytes are the longest key that there is.
 */
export function createMysqlTable(table: string, comment: string): string {
  const columns = [
    "id VARBINARY(250) NOT NULL PRIMARY KEY",
    "value LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL",
    "origin VARCHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL",
  ];
  return `CREATE TABLE IF NOT EXISTS \`${table}\` (${columns.join(", ")}) ENGINE = InnoDB COMMENT = '${comment}'`;
}
