import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { readPackageJson } from "./installed-package.js";

export type PackageManager = "npm" | "pnpm" | "yarn" | "bun";

const lockfiles: readonly (readonly [file: string, PackageManager])[] = [
  ["package-lock.json", "npm"],
  ["npm-shrinkwrap.json", "npm"],
  ["pnpm-lock.yaml", "pnpm"],
  ["yarn.lock", "yarn"],
  ["bun.lock", "bun"],
  ["bun.lockb", "bun"],
];

export interface Lockfile {
  readonly path: string;
  readonly manager: PackageManager;
}

/** The nearest lockfile, from a directory upwards. */
export function findLockfile(from: string): Lockfile | undefined {
  for (let directory = from; ; directory = dirname(directory)) {
    for (const [file, manager] of lockfiles) {
      const path = join(directory, file);
      if (existsSync(path)) return { path, manager };
    }
    if (dirname(directory) === directory) return undefined;
  }
}

/** The one that a project uses: by its field `packageManager`, or else by its lockfile; npm if nothing tells. */
export function packageManagerOf(root: string): PackageManager {
  for (let directory = root; ; directory = dirname(directory)) {
    const named = namedManager(directory);
    if (named !== undefined) return named;
    const lockfile = lockfiles.find(([file]) => existsSync(join(directory, file)));
    if (lockfile !== undefined) return lockfile[1];
    if (dirname(directory) === directory) return "npm";
  }
}

function namedManager(directory: string): PackageManager | undefined {
  try {
    const field = readPackageJson(directory).packageManager;
    const name = typeof field === "string" ? field.split("@")[0] : undefined;
    return name === "npm" || name === "pnpm" || name === "yarn" || name === "bun" ? name : undefined;
  } catch {
    return undefined;
  }
}

export interface WantedPackage {
  readonly name: string;
  /** As in a package.json; absent: the newest. */
  readonly range?: string;
}

/** The program and its arguments that install packages: `["pnpm", "add", "a@^1.0.0"]`. */
export function installCommand(manager: PackageManager, packages: readonly WantedPackage[]): readonly string[] {
  return [manager, manager === "npm" ? "install" : "add", ...packages.map(specifier)];
}

/** The program and its arguments that remove packages. */
export function uninstallCommand(manager: PackageManager, names: readonly string[]): readonly string[] {
  return [manager, manager === "npm" ? "uninstall" : "remove", ...names];
}

/** A command as one would type it, quoted where a shell would read something else. */
export function commandLine(words: readonly string[]): string {
  return words.map((word) => (/^[\w@/.:=^~+-]+$/.test(word) ? word : `"${word}"`)).join(" ");
}

function specifier({ name, range }: WantedPackage): string {
  return range === undefined || range === "*" || !/^[\w.^~<>=| *-]+$/.test(range) ? name : `${name}@${range}`;
}
