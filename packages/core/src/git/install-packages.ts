import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TenonError } from "../errors.js";
import type { LockfileState } from "./lockfile.js";

const commands: Readonly<Record<LockfileState["manager"], readonly string[]>> = {
  npm: ["npm", "ci", "--no-audit", "--no-fund"],
  pnpm: ["pnpm", "install", "--frozen-lockfile"],
  yarn: ["yarn", "install", "--frozen-lockfile"],
  bun: ["bun", "install", "--frozen-lockfile"],
};

const marker = "tenon-installed";

/** True if `installPackages` has finished there, for this lockfile. */
export async function isInstalled({ directory, digest }: LockfileState): Promise<boolean> {
  return (await readFile(join(directory, "node_modules", marker), "utf8").catch(() => "")) === digest;
}

/**
 * Installs what a checkout's lockfile names, with the package manager that wrote it. What it says goes to standard error.
 *
 * @throws `CHECKOUT_FAILED`
 */
export async function installPackages({ manager, directory, digest }: LockfileState): Promise<void> {
  const [program = "", ...args] = commands[manager];
  const doing = `installing the packages of the commit with ${[program, ...args].join(" ")}`;
  await new Promise<void>((done, reject) => {
    const child = spawn(program, args, {
      cwd: directory,
      stdio: ["ignore", 2, 2],
      shell: process.platform === "win32",
    });
    child.on("error", (cause) => reject(failed(doing, `it cannot be started: ${cause.message}`, cause)));
    child.on("exit", (code) => (code === 0 ? done() : reject(failed(doing, `it ended with exit code ${code}`))));
  });
  if (existsSync(join(directory, "node_modules"))) await writeFile(join(directory, "node_modules", marker), digest);
}

function failed(doing: string, found: string, cause?: unknown): TenonError {
  const fix = "See above what it said; without --install the project's own packages are used.";
  return new TenonError("CHECKOUT_FAILED", { doing, found, fix, cause });
}
