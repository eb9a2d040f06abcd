import { readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { packageDirectory } from "../git/package-directory.js";

export interface LinkedPackages {
  /** Directories of packages of the workspace that run a project, whether or not its steps reach them. */
  readonly whole: readonly string[];
  /** Directories of packages outside of the workspace. */
  readonly outside: readonly string[];
}

interface Manifest {
  readonly name?: string;
  readonly tenon?: unknown;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** The packages that `node_modules` holds as links to their sources, from a project on through their dependencies. */
export function linkedPackages(root: string, top: string): LinkedPackages {
  const whole = new Set<string>();
  const outside = new Set<string>();
  const seen = new Set<string>();
  const open: [directory: string, own: boolean][] = [[root, true]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [directory, own] = next;
    if (seen.has(directory)) continue;
    seen.add(directory);
    const manifest = readManifest(directory);
    const { dependencies, devDependencies, optionalDependencies, peerDependencies } = manifest;
    const names = { ...peerDependencies, ...optionalDependencies, ...dependencies, ...(own && devDependencies) };
    for (const name of Object.keys(names)) {
      const found = packageDirectory(name, directory);
      if (found === undefined || found.includes(`${sep}node_modules${sep}`)) continue;
      open.push([found, false]);
      const { name: called, tenon } = readManifest(found);
      if (!found.startsWith(top + sep)) outside.add(found);
      else if (called === "@tenon/core" || called === "tenon" || tenon !== undefined) whole.add(found);
    }
  }
  return { whole: [...whole], outside: [...outside] };
}

function readManifest(directory: string): Manifest {
  try {
    return JSON.parse(readFileSync(join(directory, "package.json"), "utf8")) as Manifest;
  } catch {
    return {};
  }
}
