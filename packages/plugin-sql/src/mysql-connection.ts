import { connect, isIP } from "node:net";
import { TenonError } from "@tenon/core";
import type { ConnectionOptions, Connection as MysqlConnection } from "mysql2";
import { AnswerLost, type Connection } from "./connection-pool.js";
import { defaults, describeServer, type ServerOptions, tlsSettings } from "./server-options.js";

/** What of the driver is used. */
export interface MysqlDriver {
  createConnection(options: ConnectionOptions): MysqlConnection;
}

/**
 * Backslashes have to escape, as the driver writes them, texts to arrive whole, and each statement to be a transaction
 * of its own, whatever the server is set to.
 */
const session = "SET NAMES utf8mb4, sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', autocommit = 1";
const isolation = "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ";

export async function openMysqlConnection(driver: MysqlDriver, options: ServerOptions): Promise<Connection> {
  const { host, port, database, user, stream, connectTimeout = defaults.connectTimeout } = options;
  const password = typeof options.password === "function" ? await options.password() : options.password;
  const ssl = tlsSettings(options);
  // The driver compares the certificate with its own host only, and of an address it takes any.
  const named = ssl?.servername ?? host;
  if (ssl?.rejectUnauthorized && isIP(named) !== 0) throw unnamed(options);
  const raw = driver.createConnection({
    host: named,
    port,
    database,
    user,
    connectTimeout,
    charset: "utf8mb4",
    supportBigNumbers: true,
    enableKeepAlive: true,
    ...(password === undefined ? {} : { password }),
    ...(ssl === undefined ? {} : { ssl: { ...ssl, verifyIdentity: ssl.rejectUnauthorized } }),
    ...(options.plainPassword && ssl?.rejectUnauthorized ? { enableCleartextPlugin: true } : {}),
    ...(stream === undefined && named === host ? {} : { stream: stream ?? (() => connect({ host, port })) }),
  });
  const connection = new MysqlServerConnection(raw);
  try {
    await connection.connected();
    await connection.query(session, []);
    await connection.query(isolation, []);
    return connection;
  } catch (error) {
    connection.destroy();
    throw error;
  }
}

function unnamed(options: ServerOptions): TenonError {
  return new TenonError("COMPONENT_CONFIG_INVALID", {
    doing: "opening the metadata store",
    found: `${describeServer("MySQL", options)} is named by its address, with which no certificate can be compared`,
    fix: "Give the name in its certificate as 'host' or under 'tls: { serverName: … }'.",
  });
}

class MysqlServerConnection implements Connection {
  readonly #raw: MysqlConnection;
  usable = true;

  constructor(raw: MysqlConnection) {
    this.#raw = raw;
    // Each failure also rejects what it met; without a listener it would end the process.
    raw.on("error", () => {
      this.usable = false;
    });
    raw.on("end", () => {
      this.usable = false;
    });
  }

  connected(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#raw.connect((error) => (error ? reject(error) : resolve()));
    });
  }

  query(sql: string, parameters: readonly (string | number)[]): Promise<readonly Record<string, unknown>[]> {
    return new Promise((resolve, reject) => {
      this.#raw.query({ sql, values: [...parameters] }, (error, rows) => {
        if (error === null) return resolve(Array.isArray(rows) ? (rows as Record<string, unknown>[]) : []);
        // The driver hangs the whole statement on it, values and all.
        delete (error as { sql?: unknown }).sql;
        if ((error as { fatal?: boolean }).fatal || endsConnection.has(error.errno ?? 0)) this.usable = false;
        reject(/closed state/.test(error.message) ? new AnswerLost(error.message) : error);
      });
    });
  }

  holdProcess(hold: boolean): void {
    const { stream } = this.#raw as unknown as { stream?: { ref?(): void; unref?(): void } };
    if (hold) stream?.ref?.();
    else stream?.unref?.();
  }

  end(): Promise<void> {
    this.usable = false;
    return new Promise((resolve, reject) => {
      this.#raw.end((error) => (error ? reject(error) : resolve()));
    });
  }

  destroy(): void {
    this.usable = false;
    this.#raw.destroy();
  }
}

/** Shutdown, killed connection, read-only: another connection may lead to a server that works. */
const endsConnection = new Set([1053, 1079, 1290, 1792, 1836, 1927, 4031]);
