import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { workspace } from "./sources.js";

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A user's project in a temporary directory: it has the workspace's packages as if they were installed. */
export class Project {
  readonly directory: string;

  constructor(files: Readonly<Record<string, string>> = {}) {
    this.directory = mkdtempSync(join(tmpdir(), "tenon-test-"));
    const dependencies = { "@tenon/core": "*", "@tenon/plugin-local": "*", tenon: "*", zod: "*" };
    this.write("package.json", JSON.stringify({ name: "test-project", private: true, type: "module", dependencies }));
    this.write("tenon.yaml", "project: test\n");
    this.link("@tenon/core", "packages/core");
    this.link("@tenon/plugin-local", "packages/plugin-local");
    this.link("tenon", "packages/cli");
    this.link("zod", "test/node_modules/zod");
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  path(...names: string[]): string {
    return join(this.directory, ...names);
  }

  write(name: string, text: string | Uint8Array): string {
    const file = this.path(name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  read(name: string): string {
    return readFileSync(this.path(name), "utf8");
  }

  /** Makes a package of the workspace one of the project's. */
  link(name: string, directory: string): void {
    const link = this.path("node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(workspace, directory), link, "dir");
  }

  /** Makes packages of the workspace dependencies of the project: names to directories. */
  depend(packages: Readonly<Record<string, string>>): void {
    for (const [name, directory] of Object.entries(packages)) this.link(name, directory);
    this.#declare(...Object.keys(packages));
  }

  /** Writes a package into node_modules and names it among the dependencies. */
  install(name: string, manifest: object, files: Readonly<Record<string, string>> = {}): void {
    this.write(
      `node_modules/${name}/package.json`,
      JSON.stringify({ name, version: "1.0.0", type: "module", ...manifest }),
    );
    for (const [file, text] of Object.entries(files)) this.write(`node_modules/${name}/${file}`, text);
    this.#declare(name);
  }

  #declare(...names: readonly string[]): void {
    const manifest = JSON.parse(this.read("package.json"));
    for (const name of names) manifest.dependencies[name] = "*";
    this.write("package.json", JSON.stringify(manifest));
  }

  /** The command line, run in the project. */
  tenon(...argv: string[]): Promise<Ended> {
    return this.node(join(workspace, "packages/cli/bin/tenon.js"), ...argv);
  }

  node(...argv: string[]): Promise<Ended> {
    return execute(process.execPath, argv, { cwd: this.directory });
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** A project that is removed when the test has ended. */
export function project(files: Readonly<Record<string, string>> = {}): Project {
  const made = new Project(files);
  onTestFinished(() => made.remove());
  return made;
}

export interface ExecuteOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Run as this user and group; only root may. */
  readonly uid?: number;
}

/** Runs a program to its end, whatever that is. */
export function execute(program: string, argv: readonly string[], { cwd, env, uid }: ExecuteOptions): Promise<Ended> {
  return new Promise((resolve, reject) => {
    // What vitest sets for its own workers is not for the programs that it starts.
    const { NODE_OPTIONS: _, VITEST: __, NODE_ENV: ___, ...inherited } = process.env;
    const child = spawn(program, argv, {
      cwd,
      ...(uid === undefined ? {} : { uid, gid: uid }),
      env: { ...inherited, NO_COLOR: "1", FORCE_COLOR: undefined, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const text = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (chunk) => {
      text.stdout += chunk;
    });
    child.stderr.setEncoding("utf8").on("data", (chunk) => {
      text.stderr += chunk;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...text }));
  });
}
