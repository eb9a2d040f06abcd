import type { MetadataStore } from "@tenon/core";
import type { DatabaseServer, ServerKind } from "@tenon-test/servers";
import { mariaDb, postgreSql } from "@tenon-test/servers";
import { openMysqlStore } from "../open-mysql.js";
import { openPostgresStore } from "../open-postgres.js";
import type { ServerOptions } from "../server-options.js";

/** A metadata store with the server that it is tried on. */
export interface Flavor {
  readonly flavor: "mysql" | "postgres";
  readonly server: ServerKind<DatabaseServer>;
  readonly open: (options: ServerOptions) => Promise<MetadataStore>;
  /** The module by which another process opens it. */
  readonly elsewhere: string;
  /** What an insert of a key looks like on the wire. */
  readonly insert: string;
  /** Ends every connection that other users have. */
  readonly killConnections: string;
}

export const flavors: readonly Flavor[] = [
  {
    flavor: "mysql",
    server: mariaDb,
    open: openMysqlStore,
    elsewhere: new URL("./mysql-elsewhere.mjs", import.meta.url).href,
    insert: "INSERT INTO",
    killConnections: "KILL USER tenon",
  },
  {
    flavor: "postgres",
    server: postgreSql,
    open: openPostgresStore,
    elsewhere: new URL("./postgres-elsewhere.mjs", import.meta.url).href,
    insert: "INSERT INTO",
    killConnections: "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'tenon'",
  },
];

let tables = 0;

/** How to reach a server, with a table of its own for each call. */
export function freshOptions(
  { host, port, database, user, password }: DatabaseServer,
  more: Partial<ServerOptions> = {},
): ServerOptions {
  tables += 1;
  return { host, port, database, user, password, table: `records_${process.pid}_${tables}`, ...more };
}
