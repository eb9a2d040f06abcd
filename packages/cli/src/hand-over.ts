import { readFileSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const marker = Symbol.for("tenon.cli.started");

/**
 * A pipeline and the command that runs it must see one copy of `@tenon/core`: so a `tenon` that was installed globally,
 * or fetched by `npx`, leaves the work to the copy of the project in which it was called. Resolves to true if it did.
 */
export async function handOver(directory: string): Promise<boolean> {
  const shared = globalThis as { [marker]?: true };
  if (shared[marker]) return false;
  shared[marker] = true;
  const other = projectCommand(directory);
  if (other === undefined || other === ownCommand()) return false;
  process.argv[1] = other;
  await import(pathToFileURL(other).href);
  return true;
}

/** The real path of the command that the project's own `node_modules` holds. */
export function projectCommand(directory: string): string | undefined {
  for (let current = resolve(directory); ; current = dirname(current)) {
    const home = join(current, "node_modules", "tenon");
    const command = readCommand(home);
    if (command !== undefined) return command;
    if (dirname(current) === current) return undefined;
  }
}

function readCommand(home: string): string | undefined {
  try {
    const manifest = JSON.parse(readFileSync(join(home, "package.json"), "utf8"));
    // Another package could have this name: ours is the one that stands on our core.
    if (manifest.peerDependencies?.["@tenon/core"] === undefined) return undefined;
    return realpathSync(join(home, manifest.bin.tenon));
  } catch {
    return undefined;
  }
}

function ownCommand(): string | undefined {
  try {
    return realpathSync(process.argv[1] ?? "");
  } catch {
    return undefined;
  }
}
