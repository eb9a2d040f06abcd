import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { TenonError } from "../errors.js";
import { findUp } from "../git/find-up.js";
import { packageDirectory, plugAndPlayFor } from "../git/package-directory.js";
import { readDiscoveryCache, type Stamp, stampOf, writeDiscoveryCache } from "./discovery-cache.js";
import { type PackageJson, readPackageJson } from "./installed-package.js";
import { type CheckedManifest, checkManifest } from "./manifest.js";
import { findLockfile } from "./package-manager.js";

/** An integration that was found among the project's dependencies. None of its code has run. */
export interface DiscoveredIntegration {
  readonly packageName: string;
  readonly version: string;
  /** Where the package really lies. */
  readonly directory: string;
  readonly manifest: CheckedManifest;
}

/** A package that says it is an integration and does not say it right. */
export interface BrokenIntegration {
  readonly packageName: string;
  /** The name that its manifest gives it, if it can be told. */
  readonly integration: string | undefined;
  readonly directory: string;
  /** What is wrong with it, as a clause. */
  readonly found: string;
  readonly field: string | undefined;
}

export interface Discovery {
  readonly integrations: readonly DiscoveredIntegration[];
  readonly broken: readonly BrokenIntegration[];
  /** Declared, and not installed. */
  readonly missing: readonly string[];
}

/**
 * Reads the manifests of the project's direct dependencies, and its own if it is an integration itself. What was found
 * is kept in the state directory, if there is one, for as long as nothing that it rests on has changed.
 *
 * @throws `PNP_UNSUPPORTED`
 */
export function discover(root: string, stateDirectory: string): Discovery {
  refuseUnreachablePackages(root);
  const sources = packageSources(root);
  const stamps = sources.flatMap((directory) => [
    stampOf(join(directory, "package.json")),
    ...installMarks.map((mark) => stampOf(join(directory, "node_modules", mark))),
  ]);
  const lockfile = findLockfile(root);
  if (lockfile !== undefined) stamps.push(stampOf(lockfile.path));
  const cached = readDiscoveryCache(stateDirectory, stamps);
  if (cached !== undefined) return cached;

  const { discovery, watched } = scan(root, sources);
  writeDiscoveryCache(stateDirectory, { stamps, watched, discovery });
  return discovery;
}

/** Files that a package manager writes whenever it changes what is installed. */
const installMarks = ["", ".package-lock.json", ".modules.yaml", ".yarn-integrity", ".yarn-state.yml"];

/** Directories whose package.json counts: the project's, and those above it up to the workspace's, which holds the lockfile. */
function packageSources(root: string): readonly string[] {
  const top = findLockfile(root);
  const last = top === undefined ? findUp(root, "package.json") : dirname(top.path);
  const sources: string[] = [];
  for (let directory = root; ; directory = dirname(directory)) {
    if (existsSync(join(directory, "package.json"))) sources.push(directory);
    if (directory === last || dirname(directory) === directory) return sources;
  }
}

function scan(root: string, sources: readonly string[]): { discovery: Discovery; watched: Stamp[] } {
  const integrations: DiscoveredIntegration[] = [];
  const broken: BrokenIntegration[] = [];
  const missing: string[] = [];
  const watched: Stamp[] = [];
  const seen = new Set<string>();
  const scopes = new Set<string>();

  const visit = (name: string, directory: string): void => {
    const json = readOrUndefined(directory);
    // Installed packages change only when the package manager says so; linked ones and integrations are looked at again.
    if (json?.tenon !== undefined || !directory.includes("node_modules")) {
      watched.push(stampOf(join(directory, "package.json")));
    }
    if (json?.tenon === undefined) return;
    try {
      const manifest = checkManifest(name, json.tenon);
      integrations.push({ packageName: name, version: json.version ?? "0.0.0", directory, manifest });
    } catch (error) {
      if (!TenonError.is(error)) throw error;
      broken.push({
        packageName: name,
        integration: integrationName(json.tenon),
        directory,
        found: error.found,
        field: error.details.field as string,
      });
    }
  };

  for (const source of sources) {
    const json = readOrUndefined(source);
    if (json === undefined) continue;
    const own = json.name;
    if (source === root && own !== undefined && json.tenon !== undefined && !seen.has(own)) {
      seen.add(own);
      visit(own, realpathSync(source));
    }
    for (const name of dependencyNames(json)) {
      if (seen.has(name)) continue;
      seen.add(name);
      const directory = packageDirectory(name, source);
      if (directory !== undefined) visit(name, directory);
      else {
        missing.push(name);
        watched.push(...sources.map((place) => stampOf(join(place, "node_modules", name, "package.json"))));
      }
      // Linking a package by hand changes no more than the directory that the link lies in.
      if (name.startsWith("@")) scopes.add(join(source, "node_modules", dirname(name)));
    }
  }
  return { discovery: { integrations, broken, missing }, watched: [...watched, ...[...scopes].map(stampOf)] };
}

export function dependencyNames(json: PackageJson): readonly string[] {
  return Object.keys({
    ...json.dependencies,
    ...json.devDependencies,
    ...json.optionalDependencies,
    ...json.peerDependencies,
  }).sort();
}

function integrationName(manifest: unknown): string | undefined {
  const name = (manifest as { integration?: unknown } | null)?.integration;
  return typeof name === "string" ? name : undefined;
}

function readOrUndefined(directory: string): PackageJson | undefined {
  try {
    return readPackageJson(directory);
  } catch {
    return undefined;
  }
}

function refuseUnreachablePackages(root: string): void {
  const home = process.versions.pnp === undefined ? findUp(root, ".pnp.cjs") : undefined;
  if (home === undefined || plugAndPlayFor(root) !== undefined || existsSync(join(home, "node_modules"))) return;
  throw new TenonError("PNP_UNSUPPORTED", {
    doing: `looking for the integrations of ${root}`,
    found: `${join(home, ".pnp.cjs")} says that its packages are resolved by Yarn's Plug'n'Play, which this process does not run under`,
    fix: "Start it through Yarn (yarn tenon …, yarn node …), or set nodeLinker: node-modules in .yarnrc.yml.",
  });
}
