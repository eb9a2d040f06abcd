import type { KeyvSqlite } from "@keyv/sqlite";
import type { MetadataRecord } from "@tenon/core";
import type { SqlDialect, SqlFault, SqlFragment } from "@tenon/core/keyv";

/** The table that the Keyv adapter makes and that records lie in. */
export const table = "records";

/** SQLite takes at most 32,766 parameters a statement, two a record. */
const mostRows = 16_000;

/** SQLite's own way of speaking SQL, and its faults in Tenon's words. */
export function sqliteDialect(file: string, afterWrite: () => void): SqlDialect<KeyvSqlite> {
  return {
    name: "SQLite",
    table,
    keyColumn: "key",
    valueColumn: "value",
    overwrite: "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    rows,
    among: (keys) => ({ sql: "IN (SELECT value FROM json_each(?))", parameters: [JSON.stringify(keys)] }),
    placeholder: () => "?",
    query: (adapter, { sql, parameters }) => adapter.query(sql, ...parameters),
    isDuplicate: (error) => codeOf(error) === "SQLITE_CONSTRAINT",
    explain: (error) => faults(file)[codeOf(error)],
    afterWrite,
  };
}

export function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | undefined)?.code ?? "");
}

/**
 * JSON, as one parameter, has no limit of rows, but SQLite ends its texts at a zero byte: what holds one is bound by
 * itself.
 */
function rows(records: readonly MetadataRecord[]): SqlFragment {
  const bound = records.length <= mostRows ? records : records.filter(({ value }) => value.includes("\0"));
  const listed = bound === records ? [] : records.filter(({ value }) => !value.includes("\0"));
  const parts: SqlFragment[] = [];
  if (bound.length > 0) {
    parts.push({
      sql: `VALUES ${Array(bound.length).fill("(?, ?)").join(", ")}`,
      parameters: bound.flatMap(({ key, value }) => [key, value]),
    });
  }
  if (listed.length > 0) {
    parts.push({
      // The condition keeps an `ON CONFLICT` that follows from being read as part of a join.
      sql: "SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?) WHERE true",
      parameters: [JSON.stringify(listed.map(({ key, value }) => [key, value]))],
    });
  }
  return {
    sql: parts.map(({ sql }) => sql).join(" UNION ALL "),
    parameters: parts.flatMap(({ parameters }) => parameters),
  };
}

function faults(file: string): Readonly<Record<string, SqlFault>> {
  return {
    SQLITE_NOTADB: {
      code: "STORE_NOT_A_DATABASE",
      found: `${file} is not an SQLite database`,
      fix: "Move the file away, or name another one in the stack's metadata store.",
    },
    SQLITE_CORRUPT: {
      code: "STORE_CORRUPT",
      found: `${file} is damaged`,
      fix: `Restore it from a copy, or save what can be read with: sqlite3 ${file} .recover`,
    },
    SQLITE_READONLY: {
      code: "STORE_READ_ONLY",
      found: `${file} may not be written to`,
      fix: "Give yourself the right to write to the file and to its directory.",
    },
    SQLITE_CANTOPEN: {
      code: "STORE_UNAVAILABLE",
      found: `${file} cannot be opened`,
      fix: "See that its directory exists and that you may write there.",
    },
    SQLITE_BUSY: locked(file),
    SQLITE_LOCKED: locked(file),
    SQLITE_FULL: {
      code: "STORE_FULL",
      found: `there is no room left to write to ${file}`,
      fix: "Free some space (tenon gc removes what nothing refers to), then resume the run.",
    },
    SQLITE_IOERR: {
      code: "STORE_UNAVAILABLE",
      found: `${file} cannot be read or written`,
      fix: "See that the disk works and has room, then resume the run.",
    },
    SQLITE_MISUSE: {
      code: "STORE_UNAVAILABLE",
      found: `${file} has been closed`,
      fix: "Use a metadata store only until it is disposed.",
    },
  };
}

function locked(file: string): SqlFault {
  return {
    code: "STORE_LOCKED",
    found: `another process keeps ${file} locked`,
    fix: "Wait for it to end, or give the metadata store a longer busyTimeout.",
  };
}
