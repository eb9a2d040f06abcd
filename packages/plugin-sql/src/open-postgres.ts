import { type MetadataStore, TenonError } from "@tenon/core";
import { KeyvMetadataStore } from "@tenon/core/keyv";
import { ConnectionPool } from "./connection-pool.js";
import { adapterOver } from "./keyv-adapter.js";
import { loadAdapter } from "./load-adapter.js";
import { codeOf } from "./network-faults.js";
import { open } from "./open.js";
import { Patience } from "./patience.js";
import { openPostgresConnection, type PostgresDriver } from "./postgres-connection.js";
import { createPostgresTable, postgresDialect } from "./postgres-dialect.js";
import { postgresPassing } from "./postgres-faults.js";
import { defaults, describeServer, type ServerOptions } from "./server-options.js";
import { checkTableComment, tableComment } from "./table-version.js";

/**
 * Opens a metadata store in a database of PostgreSQL (12), for use beside any number of other processes. Its table is
 * made if it is not there.
 *
 * @throws STORE_UNAVAILABLE, STORE_SIGN_IN_FAILED, STORE_MISSING, STORE_DENIED, STORE_READ_ONLY, STORE_UNSUITABLE,
 *   STORE_TOO_NEW, STORE_NOT_A_DATABASE
 *
 * @example
 * const store = await openPostgresStore({ host: "db", port: 5432, database: "ml", user: "ml", password: renewToken });
 */
export async function openPostgresStore(options: ServerOptions): Promise<MetadataStore> {
  const { patience = defaults.patience, schema } = options;
  const name = options.table ?? defaults.table;
  const table = schema === undefined ? `"${name}"` : `"${schema}"."${name}"`;
  const { module, driver } = await loadAdapter<typeof import("@keyv/postgres"), PostgresDriver>(
    "@keyv/postgres",
    () => import("@keyv/postgres"),
    "pg",
  );
  const server = describeServer("PostgreSQL", options);
  const pool = new ConnectionPool({
    open: () => openPostgresConnection(driver, options),
    most: options.connections ?? defaults.connections,
    statementTimeout: options.statementTimeout ?? defaults.statementTimeout,
    idleTimeout: defaults.idleTimeout,
  });
  const dialect = (wait: number) => postgresDialect({ table, server, patience: new Patience(wait, postgresPassing) });
  await open(pool, dialect(patience / 6), () => prepareTable(pool, table, server));
  const opts = { table: name, schema: schema ?? "public", keySize: 250 };
  const adapter = adapterOver(module.KeyvPostgres, pool, opts, (sql, parameters) => pool.query(sql, parameters));
  return new KeyvMetadataStore(adapter, dialect(patience));
}

/** Looks first: with the table there, no right to create one is needed. */
async function prepareTable(pool: ConnectionPool, table: string, server: string): Promise<void> {
  const look = `
    SELECT current_setting('server_encoding') AS encoding, pg_is_in_recovery() AS standby, named.oid IS NOT NULL AS there,
      coalesce(obj_description(named.oid, 'pg_class'), '') AS comment
    FROM (SELECT to_regclass($1)::oid AS oid) AS named`;
  for (let tries = 1; ; tries++) {
    const [row = {}] = await pool.query(look, [table]);
    checkServer(row.encoding as string, row.standby as boolean, server);
    if (row.there === true) return checkTableComment(row.comment as string, table, server);
    try {
      await pool.query(createPostgresTable(table, tableComment));
    } catch (error) {
      // Somebody else was faster.
      if (tries > 20 || !/^(?:23505|42P07|42710)$/.test(codeOf(error))) throw error;
    }
  }
}

function checkServer(encoding: string, standby: boolean, server: string): void {
  if (standby) {
    throw new TenonError("STORE_READ_ONLY", {
      doing: "opening the metadata store",
      found: `${server} is a standby, which takes no writes`,
      fix: "Point the stack's metadata store to the primary server.",
    });
  }
  if (encoding !== "UTF8") {
    throw new TenonError("STORE_UNSUITABLE", {
      doing: "opening the metadata store",
      found: `the database of ${server} has the encoding ${encoding}`,
      fix: "Create a database with ENCODING 'UTF8', and name it in the stack's metadata store.",
    });
  }
}
