import { chmodSync, chownSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeCertificate } from "./certificate.js";
import type { DatabaseServer } from "./database-server.js";
import { findProgram, freePort, runProgram, ServerProcess, unprivileged } from "./server-process.js";

/** Debian keeps each version's programs in a directory of its own. */
function debianDirectories(): string[] {
  try {
    const place = "/usr/lib/postgresql";
    return readdirSync(place)
      .sort((a, b) => Number(b) - Number(a))
      .map((version) => join(place, version, "bin"));
  } catch {
    return [];
  }
}

const program = (name: string) => findProgram(name, debianDirectories());

export const postgreSql = {
  name: "PostgreSQL",
  install: "apt-get install -y --no-install-recommends postgresql openssl",
  installed: () => ["initdb", "postgres", "psql", "openssl"].every((name) => program(name) !== undefined),
  start: startPostgres,
} as const;

/** A throw-away server on loopback with a database `tenon` that belongs to a user `tenon`. */
export async function startPostgres(parameters: readonly string[] = []): Promise<DatabaseServer> {
  const [server, initialise, client] = ["postgres", "initdb", "psql"].map(program);
  if (server === undefined || initialise === undefined || client === undefined) {
    throw new Error(`PostgreSQL is not installed: ${postgreSql.install}`);
  }
  const account = unprivileged("postgres", "nobody");
  const directory = mkdtempSync(join(tmpdir(), "tenon-postgres-"));
  const certificate = makeCertificate(directory);
  chmodSync(certificate.key, 0o600);
  if (account !== undefined) {
    chownSync(directory, account.uid, account.gid);
    chownSync(certificate.key, account.uid, account.gid);
  }
  const data = join(directory, "data");
  const locale = ["--encoding=UTF8", "--locale=C.UTF-8"];
  await runProgram(
    initialise,
    ["-D", data, "-U", "root", "--auth-local=trust", "--auth-host=scram-sha-256", "--no-sync", ...locale],
    account,
  );
  const port = await freePort();
  const sql = (text: string, database = "tenon") =>
    runProgram(client, [
      "-h",
      directory,
      "-p",
      String(port),
      "-U",
      "root",
      "-d",
      database,
      "-At",
      "-v",
      "ON_ERROR_STOP=1",
      "-c",
      text,
    ]);
  const settings = {
    listen_addresses: "127.0.0.1",
    port,
    unix_socket_directories: directory,
    fsync: "off",
    max_connections: 120,
    shared_buffers: "32MB",
    ssl: "on",
    ssl_cert_file: certificate.cert,
    ssl_key_file: certificate.key,
  };
  const common = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  let running: ServerProcess | undefined;
  const start = async (more: readonly string[] = parameters) => {
    running = new ServerProcess(server, ["-D", data, ...common, ...more], { account });
    await running.until(async () => (await sql("SELECT 1", "postgres")).trim() === "1");
  };
  await start();
  await sql("CREATE USER tenon PASSWORD 'tenon-password'", "postgres");
  await sql("CREATE DATABASE tenon OWNER tenon", "postgres");
  return {
    host: "127.0.0.1",
    port,
    database: "tenon",
    user: "tenon",
    password: "tenon-password",
    ca: certificate.ca,
    sql: (text) => sql(text),
    // SIGTERM would wait for clients to leave by themselves.
    stop: async (signal = "SIGINT") => await running?.stop(signal === "SIGKILL" ? "SIGQUIT" : signal),
    start,
    destroy: async () => {
      await running?.stop("SIGQUIT");
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
