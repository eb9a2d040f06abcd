import { defineIntegration, defineMetadataStore } from "@tenon/core";
import { mysqlConfig, postgresConfig } from "./server-config.js";

/**
 * Metadata in a database of MySQL or MariaDB, for many machines at once.
 *
 * @example mysql({ host: "db.example.com", database: "ml", user: "ml", password: env("ML_PASSWORD") })
 */
export const mysql = defineMetadataStore({ flavor: "mysql", config: mysqlConfig, requires: ["@keyv/mysql"], load: () => import("./mysql-metadata-store.js") });

/**
 * Metadata in a database of PostgreSQL, for many machines at once.
 *
 * @example postgres({ host: "db.example.com", database: "ml", user: "ml", password: env("ML_PASSWORD") })
 */
export const postgres = defineMetadataStore({ flavor: "postgres", config: postgresConfig, requires: ["@keyv/postgres"], load: () => import("./postgres-metadata-store.js") });

export default defineIntegration({ name: "sql", components: [mysql, postgres] });
