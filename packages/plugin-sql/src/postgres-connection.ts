import type { Client, ClientConfig } from "pg";
import { AnswerLost, type Connection } from "./connection-pool.js";
import { isAbsent } from "./postgres-faults.js";
import { defaults, type ServerOptions, tlsSettings } from "./server-options.js";

/** What of the driver is used. */
export interface PostgresDriver {
  readonly Client: new (config: ClientConfig) => Client;
}

export async function openPostgresConnection(driver: PostgresDriver, options: ServerOptions): Promise<Connection> {
  const { host, port, database, user, password, stream, connectTimeout = defaults.connectTimeout } = options;
  const client = new driver.Client({
    host,
    port,
    database,
    user,
    connectionTimeoutMillis: connectTimeout,
    keepAlive: true,
    application_name: "tenon",
    ssl: tlsSettings(options) ?? false,
    ...(password === undefined ? {} : { password }),
    ...(stream === undefined ? {} : { stream: stream as never }),
  });
  const connection = new PostgresServerConnection(client);
  try {
    await client.connect();
    return connection;
  } catch (error) {
    connection.destroy();
    throw lost(error);
  }
}

class PostgresServerConnection implements Connection {
  readonly #client: Client;
  usable = true;

  constructor(client: Client) {
    this.#client = client;
    // Each failure also rejects what it met; without a listener it would end the process.
    client.on("error", () => {
      this.usable = false;
    });
    client.on("end", () => {
      this.usable = false;
    });
  }

  async query(sql: string, parameters: readonly (string | number)[]): Promise<readonly Record<string, unknown>[]> {
    try {
      // Without parameters as text alone, which may hold several statements: together one transaction.
      const result = await (parameters.length === 0
        ? this.#client.query(sql)
        : this.#client.query(sql, [...parameters]));
      return result.rows ?? [];
    } catch (error) {
      const known = lost(error);
      if (isAbsent(known) || /^25006|^57P/.test(String((known as { code?: unknown }).code))) this.usable = false;
      throw known;
    }
  }

  holdProcess(hold: boolean): void {
    const client = this.#client as unknown as { ref?(): void; unref?(): void };
    if (hold) client.ref?.();
    else client.unref?.();
  }

  async end(): Promise<void> {
    this.usable = false;
    await this.#client.end();
  }

  destroy(): void {
    this.usable = false;
    const { connection } = this.#client as unknown as { connection?: { stream?: { destroy?(): void } } };
    connection?.stream?.destroy?.();
  }
}

/** The driver reports some broken connections by nothing but a sentence. */
function lost(error: unknown): unknown {
  const { code, message } = error as { code?: unknown; message?: string };
  if (code !== undefined || message === undefined) return error;
  const broken =
    /^Connection terminated|not queryable|^timeout expired|Client was closed|connection is (?:closed|ended)/i;
  return broken.test(message) ? Object.assign(new AnswerLost(message), { cause: error }) : error;
}
