import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { packageDirectory } from "../git/package-directory.js";

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly os?: unknown;
  readonly cpu?: unknown;
}

export interface InstalledPackage {
  /** Its real path. */
  readonly directory: string;
  readonly name: string;
  readonly version: string;
}

export interface Closure {
  /** `name@version`, sorted. */
  readonly packages: readonly string[];
  /** Their manifests. */
  readonly manifests: readonly string[];
}

/** What is installed, as resolved from real paths. Remembers what it has read. */
export class PackageReader {
  readonly #manifests = new Map<string, Manifest | undefined>();
  readonly #closures = new Map<string, Closure>();

  /** The package that a file belongs to. */
  owner(file: string): InstalledPackage | undefined {
    for (let directory = dirname(file); ; directory = dirname(directory)) {
      const { name, version } = this.#manifest(directory) ?? {};
      if (name && version) return { directory, name, version };
      if (directory === dirname(directory)) return undefined;
    }
  }

  /** The package of a name, as seen from a directory. */
  find(name: string, from: string): InstalledPackage | undefined {
    const directory = packageDirectory(name, from);
    return directory === undefined ? undefined : this.owner(join(directory, "package.json"));
  }

  /** A package and all that it depends on, as installed; what is not installed counts as absent. */
  closure(start: InstalledPackage): Closure {
    const known = this.#closures.get(start.directory);
    if (known) return known;
    const seen = new Map<string, string>();
    const open = [start.directory];
    for (let directory = open.pop(); directory !== undefined; directory = open.pop()) {
      const manifest = this.#manifest(directory);
      if (seen.has(directory) || !manifest) continue;
      seen.set(directory, `${manifest.name}@${manifest.version}`);
      // The framework's own dependencies are none of the step's.
      if (manifest.name === "@tenon/core") continue;
      const { dependencies, optionalDependencies, peerDependencies } = manifest;
      for (const name of Object.keys({ ...peerDependencies, ...optionalDependencies, ...dependencies })) {
        const found = packageDirectory(name, directory);
        if (found && !(optionalDependencies?.[name] && this.#isForPlatform(found))) open.push(found);
      }
    }
    const closure = {
      packages: [...new Set(seen.values())].sort(),
      manifests: [...seen.keys()].map((directory) => join(directory, "package.json")),
    };
    this.#closures.set(start.directory, closure);
    return closure;
  }

  /** The native part of a package, of which each platform has its own; its version is fixed by the package's. */
  #isForPlatform(directory: string): boolean {
    const { os, cpu } = this.#manifest(directory) ?? {};
    return os !== undefined || cpu !== undefined;
  }

  #manifest(directory: string): Manifest | undefined {
    if (!this.#manifests.has(directory)) this.#manifests.set(directory, readManifest(join(directory, "package.json")));
    return this.#manifests.get(directory);
  }
}

function readManifest(path: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Manifest;
  } catch {
    return undefined;
  }
}
