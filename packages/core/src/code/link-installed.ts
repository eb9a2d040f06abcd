import { existsSync, realpathSync } from "node:fs";
import { mkdir, symlink } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { installedNames } from "../git/installed-names.js";

/**
 * Gives an unpacked bundle the packages of an installation that has the same manifests: beside each manifest a
 * `node_modules` of links. Packages of the workspace lead to those in the bundle, by relative links, so that the whole
 * can still be moved.
 */
export async function linkInstalled(installation: string, source: string, manifests: readonly string[]): Promise<void> {
  const top = realpathSync(installation);
  for (const directory of new Set(manifests.map((manifest) => dirname(manifest)))) {
    const from = join(top, directory, "node_modules");
    if (!existsSync(from) || !existsSync(join(source, directory))) continue;
    for (const name of await installedNames(from)) {
      const target = realpathSync(join(from, name));
      const own = relative(top, target);
      const isWorkspace = !own.startsWith("..") && !own.split(sep).includes("node_modules");
      const link = join(source, directory, "node_modules", name);
      await mkdir(dirname(link), { recursive: true });
      await symlink(isWorkspace ? relative(dirname(link), join(source, own)) : target, link, "junction");
    }
  }
}

/** The machine's own packages, for a bundle without a lockfile. */
export async function linkRuntime(runtime: string, source: string): Promise<void> {
  await symlink(modulesOf(runtime), join(source, "node_modules"), "junction");
}

/** The nearest `node_modules` that has the core. */
function modulesOf(runtime: string): string {
  for (let directory = runtime; ; directory = dirname(directory)) {
    const modules = join(directory, "node_modules");
    if (existsSync(join(modules, "@tenon/core/package.json"))) return realpathSync(modules);
    if (directory === dirname(directory)) return join(runtime, "node_modules");
  }
}
