import { readFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { type ComponentContext, type MetadataStore, TenonError } from "@tenon/core";
import { openMysqlStore, openPostgresStore, type ServerOptions } from "@tenon/plugin-sql/stores";
import type { RdsConfig } from "./rds-config.js";
import { rdsTokens } from "./rds-token.js";

const ports = { mysql: 3306, postgres: 5432 } as const;

export async function create(context: ComponentContext<RdsConfig>): Promise<MetadataStore> {
  const options = await rdsOptions(context);
  return context.config.engine === "mysql" ? openMysqlStore(options) : openPostgresStore(options);
}

/** What the SQL stores are opened with: always with TLS that is verified, as tokens are passwords in plain text. */
export async function rdsOptions({
  config,
  project,
  resolveSecret,
}: Pick<ComponentContext<RdsConfig>, "config" | "project" | "resolveSecret">): Promise<ServerOptions> {
  const { engine, host, port = ports[engine], password, region = regionOf(host), profile, ca, ...rest } = config;
  const subject = {
    hostname: host,
    port,
    username: rest.user,
    ...(region !== undefined && { region }),
    ...(profile !== undefined && { profile }),
  };
  return {
    database: rest.database,
    user: rest.user,
    table: rest.table,
    schema: rest.schema,
    connections: rest.connections,
    host,
    port,
    password: password === undefined ? rdsTokens(subject) : () => resolveSecret(password),
    plainPassword: password === undefined,
    tls: ca === undefined ? {} : { ca: await certificates(ca, project.root) },
  };
}

/** `db.abc.eu-central-1.rds.amazonaws.com` says where it is. */
export function regionOf(host: string): string | undefined {
  return /\.([a-z]{2}(?:-[a-z]+)+-\d+)\.rds\.amazonaws\.com(?:\.cn)?$/.exec(host)?.[1];
}

async function certificates(path: string, root: string): Promise<string> {
  try {
    return await readFile(isAbsolute(path) ? path : join(root, path), "utf8");
  } catch (cause) {
    throw new TenonError("COMPONENT_CONFIG_INVALID", {
      doing: "reading the configuration of metadataStore 'rds'",
      found: `the file ${path} of 'ca' cannot be read`,
      fix: "Download the bundle of RDS's certificates, and name its path.",
      cause,
    });
  }
}
