import type { MetadataStore } from "@tenon/core";
import { KeyvMetadataStore } from "@tenon/core/keyv";
import { ConnectionPool } from "./connection-pool.js";
import { adapterOver } from "./keyv-adapter.js";
import { loadAdapter } from "./load-adapter.js";
import { type MysqlDriver, openMysqlConnection } from "./mysql-connection.js";
import { createMysqlTable, mysqlDialect } from "./mysql-dialect.js";
import { mysqlPassing } from "./mysql-faults.js";
import { open } from "./open.js";
import { Patience } from "./patience.js";
import { defaults, describeServer, type ServerOptions } from "./server-options.js";
import { checkTableComment, tableComment } from "./table-version.js";

/**
 * Opens a metadata store in a database of MySQL (8) or MariaDB (10.6), for use beside any number of other processes. Its
 * table is made if it is not there.
 *
 * @throws STORE_UNAVAILABLE, STORE_SIGN_IN_FAILED, STORE_MISSING, STORE_DENIED, STORE_TOO_NEW, STORE_NOT_A_DATABASE
 *
 * @example
 * const store = await openMysqlStore({ host: "db", port: 3306, database: "ml", user: "ml", password: renewToken });
 */
export async function openMysqlStore(options: ServerOptions): Promise<MetadataStore> {
  const { table = defaults.table, patience = defaults.patience } = options;
  const adapterPackage = "@keyv/mysql";
  const { module, driver } = await loadAdapter<typeof import("@keyv/mysql"), MysqlDriver>(
    adapterPackage,
    () => import("@keyv/mysql"),
    "mysql2",
  );
  const server = describeServer("MySQL", options);
  const pool = new ConnectionPool({
    open: () => openMysqlConnection(driver, options),
    most: options.connections ?? defaults.connections,
    statementTimeout: options.statementTimeout ?? defaults.statementTimeout,
    idleTimeout: defaults.idleTimeout,
  });
  const dialect = (wait: number) => mysqlDialect({ table, server, patience: new Patience(wait, mysqlPassing) });
  await open(pool, dialect(patience / 6), () => prepareTable(pool, table, server));
  const adapter = adapterOver(module.KeyvMysql, pool, { table, keySize: 250 }, (sql, parameters) =>
    pool.query(sql, parameters),
  );
  return new KeyvMetadataStore(adapter, dialect(patience));
}

/** Looks first: with the table there, no right to create one is needed. */
async function prepareTable(pool: ConnectionPool, table: string, server: string): Promise<void> {
  const comment = async () => {
    const sql =
      "SELECT TABLE_COMMENT AS comment FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?";
    const [row] = await pool.query(sql, [table]);
    return row && String(row.comment);
  };
  let found = await comment();
  if (found === undefined) {
    await pool.query(createMysqlTable(table, tableComment));
    found = (await comment()) ?? "";
  }
  checkTableComment(found, table, server);
}
