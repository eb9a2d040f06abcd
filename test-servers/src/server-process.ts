import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { freePorts } from "./processes.js";

const execute = promisify(execFile);

/** A program's path, looked for on the path and in further directories. */
export function findProgram(name: string, directories: readonly string[] = []): string | undefined {
  const places = [...directories, ...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  return places.map((place) => join(place, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A port of loopback that nothing listens on now. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  return port as number;
}

/** Whom to run a program as that refuses to run as root. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** The first of these accounts that there is, if this process is root's. */
export function unprivileged(...names: readonly string[]): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const lines = readFileSync("/etc/passwd", "utf8").split("\n");
  for (const name of names) {
    const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(":") ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(`none of these accounts is there: ${names.join(", ")}`);
}

/** Runs a program to its end. */
export async function runProgram(program: string, parameters: readonly string[], account?: Account): Promise<string> {
  const { stdout } = await execute(program, parameters, { ...account, cwd: "/", maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/** A server program in a child process, which ends with this process at the latest. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #end = () => void this.#child.kill("SIGKILL");
  #output = "";

  constructor(
    program: string,
    parameters: readonly string[],
    options: { account?: Account | undefined; env?: NodeJS.ProcessEnv } = {},
  ) {
    this.#child = spawn(program, parameters, {
      ...options.account,
      cwd: "/",
      env: { ...process.env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#output = (this.#output + text).slice(-20_000);
      });
    }
    this.#exited = once(this.#child, "close");
    process.once("exit", this.#end);
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** What it wrote last, to its standard output and error. */
  get output(): string {
    return this.#output;
  }

  /** Waits until `ready` resolves to true; fails at once if the program ends before. */
  async until(ready: () => Promise<boolean>, seconds = 60): Promise<void> {
    const deadline = performance.now() + seconds * 1000;
    while (this.running && performance.now() < deadline) {
      if (await ready().catch(() => false)) return;
      await setTimeout(50);
    }
    throw new Error(`the server did not get ready:\n${this.#output}`);
  }

  /** Ends it with a signal: an orderly stop or, with SIGKILL, a crash. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    process.off("exit", this.#end);
    if (!this.running) return;
    this.#child.kill(signal);
    await this.#exited;
  }
}
