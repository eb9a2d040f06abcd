/** For integrations that keep metadata in an SQL database: `@tenon/core/keyv`. */
export { KeyvMetadataStore, translated } from "./ledger/keyv-metadata-store.js";
export type { KeyvSqlAdapter, SqlDialect, SqlFault, SqlFragment } from "./ledger/sql-dialect.js";
