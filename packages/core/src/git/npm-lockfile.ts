import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type PackageVersions, VersionGathering } from "./package-versions.js";

interface Entry {
  readonly version?: string;
  readonly link?: boolean;
  readonly optional?: boolean;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly peer?: boolean;
  readonly dependencies?: Readonly<Record<string, Entry>>;
}

/** The packages of a `package-lock.json` of any version of the format. Workspaces of the project itself don't count. */
export function wantedByNpm(text: string): PackageVersions {
  const lockfile = JSON.parse(text) as { packages?: Record<string, Entry>; dependencies?: Record<string, Entry> };
  if (typeof lockfile !== "object" || lockfile === null) throw new Error("it holds no object");
  const found = new VersionGathering();
  for (const [path, entry] of Object.entries(lockfile.packages ?? {})) {
    const name = path.split("node_modules/").at(-1) ?? "";
    if (path.includes("node_modules/") && !entry.link) add(found, name, entry);
  }
  // Format 1 (npm 6) nests dependencies instead.
  if (!lockfile.packages) addNested(found, lockfile.dependencies ?? {});
  return found.packages;
}

function addNested(found: VersionGathering, dependencies: Readonly<Record<string, Entry>>): void {
  for (const [name, entry] of Object.entries(dependencies)) {
    add(found, name, entry);
    addNested(found, entry.dependencies ?? {});
  }
}

function add(found: VersionGathering, name: string, entry: Entry): void {
  const optional = Boolean(entry.optional || entry.dev || entry.devOptional || entry.peer);
  found.add(name, entry.version, optional);
}

/** What lies in a `node_modules` and those inside its packages, by the packages' own word. */
export async function installedByNpm(root: string): Promise<PackageVersions> {
  const found = new VersionGathering();
  let level = [join(root, "node_modules")];
  while (level.length > 0) {
    const packages = (await inParallel(level, packagesIn)).flat();
    const manifests = await inParallel(packages, ({ path }) => version(path));
    packages.forEach(({ name }, index) => {
      if (manifests[index] !== undefined) found.add(name, manifests[index], false);
    });
    level = packages.map(({ path }) => join(path, "node_modules"));
  }
  return found.packages;
}

/** Real directories only: links lead to workspaces. */
async function packagesIn(modules: string): Promise<{ name: string; path: string }[]> {
  const entries = await readdir(modules, { withFileTypes: true }).catch(() => []);
  const directories = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith("."));
  const plain = directories.filter(({ name }) => !name.startsWith("@"));
  const scoped = await inParallel(
    directories.filter(({ name }) => name.startsWith("@")),
    async ({ name: scope }) => {
      const inside = await readdir(join(modules, scope), { withFileTypes: true });
      return inside.filter((entry) => entry.isDirectory()).map(({ name }) => `${scope}/${name}`);
    },
  );
  return [...plain.map(({ name }) => name), ...scoped.flat()].map((name) => ({ name, path: join(modules, name) }));
}

async function version(path: string): Promise<string | undefined> {
  try {
    return (JSON.parse(await readFile(join(path, "package.json"), "utf8")) as { version?: string }).version;
  } catch {
    return undefined;
  }
}

async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += 64) {
    results.push(...(await Promise.all(items.slice(start, start + 64).map(work))));
  }
  return results;
}
