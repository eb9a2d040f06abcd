import { type ChildProcess, spawn } from "node:child_process";
import { openSync, rmSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { get } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Ports of loopback on which nobody listens at this moment, all at once so that they differ. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await new Promise((resolve) => server.once("listening", resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Whether an HTTP server is there, whatever it says. */
export function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    get(url, (response) => {
      response.resume();
      resolve(true);
    }).on("error", () => resolve(false));
  });
}

/** The processes of one server with their directory; all are gone after `stop`, or with this process. */
export class ServerProcesses {
  readonly #children: ChildProcess[] = [];
  readonly #atExit = () => {
    for (const child of this.#children) child.kill("SIGKILL");
    rmSync(this.directory, { recursive: true, force: true });
  };

  private constructor(readonly directory: string) {
    process.once("exit", this.#atExit);
  }

  static async create(name: string): Promise<ServerProcesses> {
    return new ServerProcesses(await mkdtemp(join(tmpdir(), `tenon-${name}-`)));
  }

  /** Leaves a process running; what it prints goes to a file of that name. */
  start(name: string, program: string, args: readonly string[], env: Record<string, string> = {}): ChildProcess {
    const output = openSync(join(this.directory, `${name}.out`), "a");
    const stdio = ["ignore", output, output] as const;
    const child = spawn(program, args, { stdio: [...stdio], cwd: this.directory, env: { ...process.env, ...env } });
    this.#children.push(child);
    return child;
  }

  /** Runs a program to its end. */
  async run(
    program: string,
    args: readonly string[],
    { patienceMs = 60_000, env = {} }: { patienceMs?: number; env?: Readonly<Record<string, string>> } = {},
  ): Promise<string> {
    const options = { cwd: this.directory, timeout: patienceMs, killSignal: "SIGKILL" } as const;
    const child = spawn(program, args, { ...options, env: { ...process.env, ...env } });
    const out: Buffer[] = [];
    const error: Buffer[] = [];
    child.stdout.on("data", (bytes) => out.push(bytes));
    child.stderr.on("data", (bytes) => error.push(bytes));
    const status = await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => resolve(code ?? signal));
    });
    if (status === 0) return Buffer.concat(out).toString();
    throw new Error(`${program} ${args.join(" ")} ended with ${status}: ${Buffer.concat(error)}`);
  }

  /** The end of what the processes have printed. */
  async printed(): Promise<string> {
    const names = (await readdir(this.directory)).filter((name) => /\.(out|log)$/.test(name));
    const texts = names.map(async (name) => {
      const text = await readFile(join(this.directory, name), "utf8");
      return `${name}: ${text.slice(-500)}`;
    });
    return (await Promise.all(texts)).join("\n");
  }

  async stop(): Promise<void> {
    process.removeListener("exit", this.#atExit);
    await Promise.all(
      this.#children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const gone = new Promise((resolve) => child.once("exit", resolve));
        child.kill("SIGKILL");
        await gone;
      }),
    );
    await rm(this.directory, { recursive: true, force: true });
  }
}
