import { readFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { type ComponentContext, type MetadataStore, TenonError } from "@tenon/core";
import { openMysqlStore, openPostgresStore, type ServerOptions } from "@tenon/plugin-sql/stores";
import type { CloudSqlConfig } from "./cloud-sql-config.js";
import { type ConnectInstance, connectInstance } from "./cloud-sql-connector.js";

type Context = Pick<ComponentContext<CloudSqlConfig>, "config" | "project" | "resolveSecret">;

const ports = { mysql: 3306, postgres: 5432 } as const;

export function create(context: ComponentContext<CloudSqlConfig>): Promise<MetadataStore> {
  return openCloudSql(context);
}

/** Opens the store over Google's connector, or at a plain host; `connect` stands in for the connector in tests. */
export async function openCloudSql(
  context: Context,
  connect: ConnectInstance = connectInstance,
): Promise<MetadataStore> {
  const { config, resolveSecret } = context;
  const { engine, instance, host, address = "public", password } = config;
  if ((instance === undefined) === (host === undefined))
    throw refused("it has both 'instance' and 'host', or neither", "Give one of them.");
  const open = engine === "mysql" ? openMysqlStore : openPostgresStore;
  const common = {
    database: config.database,
    user: config.user,
    password: password && (() => resolveSecret(password)),
    table: config.table,
    schema: config.schema,
    connections: config.connections,
  };
  if (instance === undefined) return open({ ...common, ...(await plainHost(context)) });
  const connection = await connect({ instance, address, iam: password === undefined });
  try {
    const stream = () => connection.stream();
    return closing(await open({ ...common, host: instance, port: ports[engine], stream }), () => connection.close());
  } catch (error) {
    connection.close();
    throw error;
  }
}

async function plainHost({ config, project }: Context): Promise<Pick<ServerOptions, "host" | "port" | "tls">> {
  const { engine, host = "", port = ports[engine], password, ca, serverName } = config;
  if (password === undefined)
    throw refused(
      "it has a 'host' and no 'password'",
      "Add the password's reference, or connect by 'instance' to sign in with IAM.",
    );
  // To the Auth Proxy on this machine, which encrypts what goes on.
  if (ca === undefined && /^(localhost|127\.[\d.]+|::1)$/.test(host)) return { host, port };
  const certificates = ca === undefined ? {} : { ca: await read(ca, project.root) };
  return { host, port, tls: { ...certificates, ...(serverName !== undefined && { serverName }) } };
}

async function read(path: string, root: string): Promise<string> {
  try {
    return await readFile(isAbsolute(path) ? path : join(root, path), "utf8");
  } catch {
    throw refused(
      `the file ${path} of 'ca' cannot be read`,
      "Download the instance's server certificate, and name its path.",
    );
  }
}

function closing(store: MetadataStore, close: () => void): MetadataStore {
  const dispose = store.dispose?.bind(store);
  return Object.assign(store, {
    async dispose() {
      try {
        await dispose?.();
      } finally {
        close();
      }
    },
  });
}

function refused(found: string, fix: string): TenonError {
  return new TenonError("COMPONENT_CONFIG_INVALID", {
    doing: "reading the configuration of metadataStore 'cloud-sql'",
    found,
    fix,
  });
}
