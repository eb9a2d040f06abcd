import { isSecretReference, type SecretReference, secretHint, suggest, TenonError } from "@tenon/core";
import type { Rows } from "../vocabulary/row.js";
import type { RowSource } from "./row-source.js";

/** A server; its password is never written out, only referred to. */
export interface ServerDatabase {
  /** `mysql` (MariaDB too) needs the package `mysql2`, `postgres` needs `pg`. */
  readonly dialect: "mysql" | "postgres";
  readonly host: string;
  readonly port?: number;
  readonly database: string;
  readonly user: string;
  readonly password?: SecretReference;
  /**
   * The certificate of the authority that signed the server's, as text; `true`, the default unless the server is on this machine,
   * for those that Node knows; `false` for no encryption.
   */
  readonly tls?: boolean | { readonly ca: string };
}

/** A file of SQLite. It needs the package `sqlite3`, and is opened for reading only. */
export interface FileDatabase {
  readonly dialect: "sqlite";
  /** Relative paths start from the project's directory. */
  readonly file: string | URL;
}

export type Database = ServerDatabase | FileDatabase;

/**
 * The rows of a query. Order them (`ORDER BY`), or equal data may come in another order and make another version. Times become
 * text in ISO 8601, decimals and great integers their text.
 *
 * @param parameters for the placeholders of the query: `?`, and `$1`, `$2`… with PostgreSQL
 * @throws `PARAMETER_INVALID`, `SECRET_INVALID`; when it is read: `SECRET_MISSING`, `DATA_UNREADABLE`, `REQUIREMENT_MISSING`
 * @example
 * sql("SELECT * FROM birds WHERE year > ? ORDER BY id", {
 *   dialect: "mysql", host: "db.example.com", database: "islands", user: "reader", password: env("DB_PASSWORD"),
 * }, [2007])
 */
export function sql(
  query: string,
  database: Database,
  parameters: readonly (string | number | boolean | null)[] = [],
): RowSource {
  checked(query, database);
  if (database.dialect !== "sqlite" && database.password !== undefined && !isSecretReference(database.password)) {
    throw new TenonError("SECRET_INVALID", {
      doing: `describing the database '${database.database}'`,
      found: "its password is written out",
      fix: secretHint,
    });
  }
  return {
    kind: "sql",
    description: `SQL of ${database.dialect === "sqlite" ? database.file : `${database.dialect} ${database.host}/${database.database}`}: ${query}`,
    async read({ directory, signal }): Promise<Rows> {
      const { runQuery } = await import("./run-query.js");
      return runQuery(query, database, parameters, { directory, ...(signal && { signal }) });
    },
  };
}

const dialects = ["mysql", "postgres", "sqlite"];

/** In a program without types anything may have been passed. */
function checked(query: string, database: Database | undefined): void {
  const { dialect } = database ?? ({} as Partial<Database>);
  const known = dialect !== undefined && dialects.includes(dialect);
  if (known && typeof query === "string" && query.trim() !== "") return;
  throw new TenonError("PARAMETER_INVALID", {
    doing: "describing a query",
    found: known ? "it is empty" : `there is no dialect '${String(dialect)}'; there are ${dialects.join(", ")}`,
    fix: known
      ? 'Write it out: "SELECT … ORDER BY id".'
      : (suggest(String(dialect), dialects, "Choose one of them.") as string),
  });
}
