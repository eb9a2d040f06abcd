/** For integrations whose databases speak MySQL or PostgreSQL: `@tenon/plugin-sql/stores`. */
export { openMysqlStore } from "./open-mysql.js";
export { openPostgresStore } from "./open-postgres.js";
export type { ServerOptions, TlsOptions } from "./server-options.js";
