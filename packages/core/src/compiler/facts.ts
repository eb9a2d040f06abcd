import { hash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * Something about the disk that a remembered result rests on: the content of a file, or of all files in a directory, the
 * names in a directory, or the time and size of a file that a package manager wrote.
 */
export type Fact = readonly [kind: "content" | "tree" | "names" | "stamp", path: string, value: string];

/** Looks facts up, each once. */
export class FactReader {
  readonly #values = new Map<string, string>();

  fact(kind: Fact[0], path: string): Fact {
    return [kind, path, this.#value(kind, path)];
  }

  holds([kind, path, value]: Fact): boolean {
    return this.#value(kind, path) === value;
  }

  #value(kind: Fact[0], path: string): string {
    const key = `${kind}:${path}`;
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    const value = read(kind, path);
    this.#values.set(key, value);
    return value;
  }
}

function read(kind: Fact[0], path: string): string {
  // Most of what is asked for is not there, and an error is dear.
  if (!existsSync(path)) return "absent";
  try {
    if (kind === "content") return digest(readFileSync(path));
    if (kind === "tree") return digestTree(path);
    if (kind === "names") return digest(readdirSync(path).filter(isResolvable).sort().join("\n"));
    const { mtimeMs, size, ino } = statSync(path);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return "absent";
  }
}

/** Other files, and directories, never stand in the way of an import that has been resolved. */
function isResolvable(name: string): boolean {
  return /\.([cm]?[jt]sx?|json|node)$/.test(name);
}

export function digest(content: string | Uint8Array): string {
  return hash("sha256", content);
}

/** The content of a file, or of a directory with all that is in it. */
export function digestTree(path: string): string {
  if (!existsSync(path)) return "absent";
  if (!statSync(path).isDirectory()) return digest(readFileSync(path));
  const inside = readdirSync(path).sort();
  return digest(JSON.stringify(inside.map((name) => [name, digestTree(join(path, name))])));
}
