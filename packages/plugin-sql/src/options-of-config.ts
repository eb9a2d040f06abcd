import { readFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { type ComponentContext, TenonError } from "@tenon/core";
import type { ServerConfig } from "./server-config.js";
import type { ServerOptions, TlsOptions } from "./server-options.js";

export interface ServerKind {
  readonly flavor: string;
  readonly protocols: readonly string[];
  readonly port: number;
}

type Context = Pick<ComponentContext<ServerConfig>, "config" | "project" | "resolveSecret">;

/** From what a stack says to what a store is opened with: the address taken apart, secrets and certificates read. */
export async function serverOptions(
  { config, project, resolveSecret }: Context,
  kind: ServerKind,
): Promise<ServerOptions> {
  const { uri, host: givenHost, port, database: givenDatabase, user: givenUser, password, tls, ...rest } = config;
  const address = uri === undefined ? {} : readUri(uri, kind);
  for (const [field, value] of Object.entries({ host: givenHost, port, database: givenDatabase, user: givenUser })) {
    if (uri !== undefined && value !== undefined) {
      throw wrong(kind, `both 'uri' and '${field}' are set`, "Say where the database is in one way only.");
    }
  }
  const host = address.host ?? givenHost ?? "localhost";
  const database = address.database ?? givenDatabase;
  const user = address.user ?? givenUser;
  if (database === undefined) throw wrong(kind, "no database is named", "Set 'database'.");
  if (user === undefined) throw wrong(kind, "no user is named", "Set 'user'.");
  return {
    ...rest,
    host,
    port: address.port ?? port ?? kind.port,
    database,
    user,
    // Read again for each new connection: what it refers to may have been renewed.
    password: password === undefined ? undefined : () => resolveSecret(password),
    tls: await tlsOptions(tls ?? !isThisMachine(host), project.root, kind),
  };
}

interface Address {
  readonly host?: string;
  readonly port?: number | undefined;
  readonly database?: string | undefined;
  readonly user?: string | undefined;
}

function readUri(uri: string, { flavor, protocols, port }: ServerKind): Address {
  const example = `${protocols[0]}://user@host:${port}/database`;
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  // The text itself stays out of messages: it might be a password that was put in the wrong place.
  if (url === undefined || !protocols.includes(url.protocol.slice(0, -1)) || url.hostname === "") {
    throw wrong({ flavor }, "its 'uri' is not the address of such a server", `Write it like this: ${example}`);
  }
  if (url.password !== "") {
    throw new TenonError("SECRET_INVALID", {
      doing: `reading the configuration of metadataStore '${flavor}'`,
      found: "its field 'uri' has a password written into it",
      fix: "Give the password in the field 'password', as a reference: env(\"NAME\").",
    });
  }
  if (url.search !== "") {
    throw wrong(
      { flavor },
      "its 'uri' has parameters",
      "Use the fields of the configuration, such as 'tls', in their place.",
    );
  }
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? undefined : Number(url.port),
    database: decodeURIComponent(url.pathname.slice(1)) || undefined,
    user: decodeURIComponent(url.username) || undefined,
  };
}

function isThisMachine(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\./.test(host);
}

async function tlsOptions(
  tls: NonNullable<ServerConfig["tls"]>,
  root: string,
  kind: ServerKind,
): Promise<TlsOptions | undefined> {
  if (tls === false) return undefined;
  if (tls === true) return {};
  const pem = async (field: "ca" | "cert" | "key") => {
    const path = tls[field];
    if (path === undefined) return undefined;
    try {
      return await readFile(isAbsolute(path) ? path : join(root, path), "utf8");
    } catch (cause) {
      throw wrong(
        kind,
        `the file ${path} of 'tls.${field}' cannot be read`,
        "Look at its path and at who may read it.",
        cause,
      );
    }
  };
  return { ...tls, ca: await pem("ca"), cert: await pem("cert"), key: await pem("key") };
}

function wrong({ flavor }: Pick<ServerKind, "flavor">, found: string, fix: string, cause?: unknown): TenonError {
  return new TenonError("COMPONENT_CONFIG_INVALID", {
    doing: `reading the configuration of metadataStore '${flavor}'`,
    found,
    fix,
    ...(cause === undefined ? {} : { cause }),
  });
}
