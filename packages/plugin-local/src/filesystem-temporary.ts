import { mkdirSync, readdirSync, rmdirSync, rmSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { systemCode } from "./filesystem-errors.js";

const staleMs = 7 * 24 * 60 * 60 * 1000;
const name = /^(?<host>.+)-(?<pid>\d+)-(?<unique>[0-9a-z]+)$/;

/** Where a store of one process writes before it renames; beside the objects, so that a rename is atomic. */
export class TemporaryFiles {
  readonly #parent: string;
  readonly #directory: string;
  #count = 0;

  constructor(parent: string) {
    this.#parent = parent;
    const unique = Math.random().toString(36).slice(2, 10) || "0";
    this.#directory = join(parent, `${host()}-${process.pid}-${unique}`);
  }

  create(): void {
    mkdirSync(this.#directory, { recursive: true });
  }

  /** A path at which no file is. */
  next(): string {
    this.#count += 1;
    return `${this.#directory}/${this.#count}`;
  }

  /** Removes what processes have left that are no more: on this host by asking, on others by age. */
  removeStale(): void {
    for (const entry of readdirSync(this.#parent)) {
      const path = join(this.#parent, entry);
      if (path !== this.#directory && isStale(entry, path)) rmSync(path, { recursive: true, force: true });
    }
  }

  dispose(): void {
    try {
      rmdirSync(this.#directory);
    } catch {
      // It was never made, or a write is under way: then it is stale once this process has ended.
    }
  }
}

function isStale(entry: string, path: string): boolean {
  const parts = name.exec(entry)?.groups;
  if (parts?.host === host() && !isAlive(Number(parts.pid))) return true;
  try {
    return Date.now() - statSync(path).mtimeMs > staleMs;
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === "EPERM";
  }
}

function host(): string {
  return hostname().replace(/[^A-Za-z0-9.-]/g, "_") || "host";
}
