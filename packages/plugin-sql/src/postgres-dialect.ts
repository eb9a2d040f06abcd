import type { KeyvPostgres } from "@keyv/postgres";
import type { SqlDialect } from "@tenon/core/keyv";
import { codeOf } from "./network-faults.js";
import type { Patience } from "./patience.js";
import { postgresFault, uniqueViolation } from "./postgres-faults.js";
import { textWithoutZero, textWithZero } from "./zero-characters.js";

export interface DialectOptions {
  /** Quoted, with its schema if it has one. */
  readonly table: string;
  /** How messages name the server. */
  readonly server: string;
  readonly patience: Patience;
}

/** How PostgreSQL speaks SQL: as many rows as there are in three parameters, an array each. */
export function postgresDialect({ table, server, patience }: DialectOptions): SqlDialect<KeyvPostgres> {
  return {
    name: server,
    table,
    keyColumn: "key",
    valueColumn: "value",
    originColumn: "origin",
    overwrite: "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    rows: (records, origin = "") => ({
      sql: "SELECT given.key, given.value, $3 FROM unnest($1::text[], $2::text[]) AS given (key, value)",
      parameters: [
        arrayLiteral(records.map(({ key }) => key)),
        arrayLiteral(records.map(({ value }) => textWithoutZero(value))),
        origin,
      ],
    }),
    among: (keys) => ({ sql: "= ANY ($1::text[])", parameters: [arrayLiteral(keys)] }),
    placeholder: (position) => `$${position}`,
    query: async (adapter, { sql, parameters }) => {
      const rows: readonly { key?: string; value?: string | null }[] = await adapter.query(sql, [...parameters]);
      return rows.map(({ key = "", value = null }) => ({ key, value: value === null ? null : textWithZero(value) }));
    },
    isDuplicate: (error) => codeOf(error) === uniqueViolation,
    explain: (error) => postgresFault(error, server, table, patience.suffix(error)),
    recover: (error, attempt) => patience.recover(error, attempt),
  };
}

/** Keys compare by their bytes, whatever the database's own collation. */
export function createPostgresTable(table: string, comment: string): string {
  const columns = ['key text COLLATE "C" PRIMARY KEY', "value text NOT NULL", "origin text NOT NULL"];
  return `CREATE TABLE ${table} (${columns.join(", ")}); COMMENT ON TABLE ${table} IS '${comment}'`;
}

function arrayLiteral(texts: readonly string[]): string {
  return `{${texts.map((text) => `"${text.replace(/["\\]/g, "\\$&")}"`).join(",")}}`;
}
