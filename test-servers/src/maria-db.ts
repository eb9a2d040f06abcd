import { chownSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeCertificate } from "./certificate.js";
import type { DatabaseServer } from "./database-server.js";
import { findProgram, freePort, runProgram, ServerProcess, unprivileged } from "./server-process.js";

const program = () => findProgram("mariadbd");

export const mariaDb = {
  name: "MariaDB",
  install: "apt-get install -y --no-install-recommends mariadb-server openssl",
  installed: () => program() !== undefined && findProgram("openssl") !== undefined,
  start: startMariaDb,
} as const;

/** A throw-away server on loopback with a database `tenon` and a user `tenon` with all rights in it. */
export async function startMariaDb(parameters: readonly string[] = []): Promise<DatabaseServer> {
  const server = program();
  if (server === undefined) throw new Error(`MariaDB is not installed: ${mariaDb.install}`);
  const account = unprivileged("mysql", "nobody");
  const directory = mkdtempSync(join(tmpdir(), "tenon-maria-"));
  const certificate = makeCertificate(directory);
  if (account !== undefined) {
    chownSync(directory, account.uid, account.gid);
    chownSync(certificate.key, account.uid, account.gid);
  }
  const data = join(directory, "data");
  const socket = join(directory, "s");
  const install = findProgram("mariadb-install-db") ?? "mariadb-install-db";
  await runProgram(
    install,
    ["--no-defaults", `--datadir=${data}`, "--auth-root-authentication-method=normal", "--skip-test-db"],
    account,
  );
  const port = await freePort();
  const client = findProgram("mariadb") ?? "mariadb";
  const sql = (text: string, ...more: string[]) =>
    runProgram(client, ["--no-defaults", "-uroot", "-S", socket, "--skip-column-names", ...more, "-e", text]);
  const settings = [
    "--no-defaults",
    `--datadir=${data}`,
    "--bind-address=127.0.0.1",
    `--port=${port}`,
    `--socket=${socket}`,
    `--pid-file=${join(directory, "pid")}`,
    `--ssl-ca=${certificate.ca}`,
    `--ssl-cert=${certificate.cert}`,
    `--ssl-key=${certificate.key}`,
    "--innodb-flush-log-at-trx-commit=2",
    "--innodb-buffer-pool-size=64M",
    "--skip-log-bin",
    "--max-connections=200",
    "--max-allowed-packet=64M",
  ];
  let running: ServerProcess | undefined;
  const start = async (more: readonly string[] = parameters) => {
    running = new ServerProcess(server, [...settings, ...more], { account });
    await running.until(async () => existsSync(socket) && (await sql("SELECT 1")) !== "");
  };
  await start();
  await sql(
    "CREATE DATABASE tenon; CREATE USER tenon@'127.0.0.1' IDENTIFIED BY 'tenon-password'; GRANT ALL ON tenon.* TO tenon@'127.0.0.1'; CREATE USER tenon@'localhost' IDENTIFIED BY 'tenon-password'; GRANT ALL ON tenon.* TO tenon@'localhost'",
  );
  return {
    host: "127.0.0.1",
    port,
    database: "tenon",
    user: "tenon",
    password: "tenon-password",
    ca: certificate.ca,
    sql: (text) => sql(text, "tenon"),
    stop: async (signal) => await running?.stop(signal),
    start,
    destroy: async () => {
      await running?.stop("SIGKILL");
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
