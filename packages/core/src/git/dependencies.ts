import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { TenonError } from "../errors.js";
import { type LockfileState, lockfileState } from "./lockfile.js";
import { installedByNpm, wantedByNpm } from "./npm-lockfile.js";
import type { PackageVersions } from "./package-versions.js";
import { packagesOfPnpm } from "./pnpm-lockfile.js";
import { packagesOfYarn } from "./yarn-lockfile.js";

export interface DependencyDifference {
  readonly name: string;
  /** The versions that the checkout's lockfile wants; empty if it wants none. */
  readonly wanted: readonly string[];
  /** The versions that the project has; empty if it has none. */
  readonly installed: readonly string[];
}

export interface DependencyComparison {
  readonly project: LockfileState | undefined;
  readonly checkout: LockfileState | undefined;
  /** True if both lockfiles hold the same. What is installed may differ from them all the same. */
  readonly sameLockfile: boolean;
  /** What the project's side was read from: what lies in its `node_modules`, or what its lockfile says. */
  readonly comparedWith: "installed" | "lockfile" | "nothing";
  /** Ordered by name. */
  readonly differences: readonly DependencyDifference[];
}

/**
 * Which packages of a project differ from the ones that the lockfile of a checkout wants. npm's and pnpm's
 * installations are read as they are; for Yarn the two lockfiles are compared, for bun their digests only.
 *
 * @throws `LOCKFILE_UNREADABLE`
 */
export async function compareDependencies(
  projectDirectory: string,
  checkoutDirectory: string,
  tops: { readonly project?: string; readonly checkout?: string } = {},
): Promise<DependencyComparison> {
  const [project, checkout] = await Promise.all([
    lockfileState(projectDirectory, tops.project),
    lockfileState(checkoutDirectory, tops.checkout ?? checkoutDirectory),
  ]);
  const sameLockfile = project?.digest === checkout?.digest && project?.manager === checkout?.manager;
  const both = { project, checkout, sameLockfile };
  if (!checkout) return { ...both, comparedWith: "nothing", differences: [] };
  const wanted = await read(checkout);
  const installed = await installedFor(checkout, project, projectDirectory);
  if (!wanted || !installed) return { ...both, comparedWith: "nothing", differences: [] };
  return { ...both, comparedWith: installed.from, differences: differences(wanted, installed.packages) };
}

async function read({ manager, directory, file }: LockfileState): Promise<PackageVersions | undefined> {
  if (manager === "bun") return undefined;
  const path = join(directory, file);
  const readers = { npm: wantedByNpm, pnpm: packagesOfPnpm, yarn: packagesOfYarn };
  try {
    return await readers[manager](await readFile(path, "utf8"));
  } catch (cause) {
    throw new TenonError("LOCKFILE_UNREADABLE", {
      doing: `reading ${path}`,
      found: String(cause instanceof Error ? cause.message : cause).split("\n")[0] ?? "",
      fix: "Install once with the package manager that wrote it.",
      cause,
    });
  }
}

interface Installed {
  readonly from: "installed" | "lockfile";
  readonly packages: PackageVersions;
}

async function installedFor(
  { manager }: LockfileState,
  project: LockfileState | undefined,
  directory: string,
): Promise<Installed | undefined> {
  const root = project?.directory ?? directory;
  if (manager === "npm") return { from: "installed", packages: await installedByNpm(root) };
  if (manager === "pnpm") {
    const current = join(root, "node_modules/.pnpm/lock.yaml");
    const text = await readFile(current, "utf8").catch(() => "");
    return { from: "installed", packages: await packagesOfPnpm(text) };
  }
  const packages = project?.manager === manager ? await read(project) : undefined;
  return packages && { from: "lockfile", packages };
}

function differences(wanted: PackageVersions, installed: PackageVersions): DependencyDifference[] {
  const names = [...new Set([...wanted.keys(), ...installed.keys()])].sort();
  return names.flatMap((name) => {
    const should = [...(wanted.get(name)?.versions ?? [])].sort();
    const is = [...(installed.get(name)?.versions ?? [])].sort();
    if (should.join() === is.join()) return [];
    if (is.length === 0 && wanted.get(name)?.optional) return [];
    return [{ name, wanted: should, installed: is }];
  });
}
