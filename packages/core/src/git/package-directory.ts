import { existsSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** A package's directory as its own code sees it: with every link followed. */
export function packageDirectory(name: string, from: string): string | undefined {
  const plugAndPlay = plugAndPlayFor(from);
  if (plugAndPlay !== undefined) {
    try {
      return plugAndPlay.resolveToUnqualified(name, join(from, "/")) ?? undefined;
    } catch {
      return undefined;
    }
  }
  for (let directory = from; ; directory = dirname(directory)) {
    const candidate = join(directory, "node_modules", name);
    if (existsSync(join(candidate, "package.json"))) return realpathSync(candidate);
    if (dirname(directory) === directory) return undefined;
  }
}

interface PlugAndPlay {
  resolveToUnqualified(name: string, issuer: string): string | null;
}

/** Yarn's resolver, if this process runs under Plug'n'Play and `from` belongs to its project. */
export function plugAndPlayFor(from: string): PlugAndPlay | undefined {
  if (process.versions.pnp === undefined) return undefined;
  const finder = createRequire(join(from, "/"))("node:module") as {
    findPnpApi?(path: string): PlugAndPlay | null;
  };
  return finder.findPnpApi?.(join(from, "/")) ?? undefined;
}
