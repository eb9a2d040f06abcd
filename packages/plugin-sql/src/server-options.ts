/** Where a database is, and how to come in. */
export interface ServerOptions {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** A function is asked for each new connection, so that it can renew what expires. */
  readonly password?: string | (() => Promise<string>) | undefined;
  /** MySQL: hands the password over as it is if the server asks for it, as for IAM's tokens; over verified TLS only. */
  readonly plainPassword?: boolean | undefined;
  /** `undefined`: without TLS. The server's certificate is verified unless `verify` is false. */
  readonly tls?: TlsOptions | undefined;
  /** A socket that leads to the server in place of `host` and `port`, as cloud connectors give one. */
  readonly stream?: (() => import("node:stream").Duplex) | undefined;
  /** The table that records lie in; by default `tenon_records`. It is made if it is not there. */
  readonly table?: string | undefined;
  /** PostgreSQL: the schema of the table; by default the first of the search path. */
  readonly schema?: string | undefined;
  /** Connections at the same time, at most; by default 4. */
  readonly connections?: number | undefined;
  /** How long to wait for a server that went away, in milliseconds; by default 60,000. At opening a sixth of it. */
  readonly patience?: number | undefined;
  /** How long one statement may take, in milliseconds, until its connection is given up; by default 60,000. */
  readonly statementTimeout?: number | undefined;
  /** How long a new connection may take, in milliseconds; by default 10,000. */
  readonly connectTimeout?: number | undefined;
}

export interface TlsOptions {
  /** Certificates in PEM, not paths. */
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** The name that the server's certificate has to have; by default the host. */
  readonly serverName?: string | undefined;
  readonly verify?: boolean | undefined;
}

export const defaults = {
  table: "tenon_records",
  connections: 4,
  patience: 60_000,
  statementTimeout: 60_000,
  connectTimeout: 10_000,
  idleTimeout: 60_000,
} as const;

/** What Node's TLS takes. */
export function tlsSettings({ tls, host }: Pick<ServerOptions, "tls" | "host">) {
  if (tls === undefined) return undefined;
  const { ca, cert, key, serverName, verify = true } = tls;
  const name = serverName ?? (/^[\d.]+$|:/.test(host) ? undefined : host);
  return {
    rejectUnauthorized: verify,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(name === undefined ? {} : { servername: name }),
  };
}

/** `the MySQL server at db:3306 (database 'd', user 'u')`: who a message is about. */
export function describeServer(product: string, { host, port, database, user }: ServerOptions): string {
  const place = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  return `the ${product} server at ${place} (database '${database}', user '${user}')`;
}
