import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

export type LockingManager = "npm" | "pnpm" | "yarn" | "bun";

export interface LockfileState {
  readonly manager: LockingManager;
  /** `pnpm-lock.yaml`. */
  readonly file: string;
  /** The directory that it lies in: the project's, or its workspace's. */
  readonly directory: string;
  /** Of its content, line ends not counted: `sha256:…`. */
  readonly digest: string;
}

const lockfiles: readonly (readonly [file: string, manager: LockingManager])[] = [
  ["npm-shrinkwrap.json", "npm"],
  ["package-lock.json", "npm"],
  ["pnpm-lock.yaml", "pnpm"],
  ["yarn.lock", "yarn"],
  ["bun.lock", "bun"],
  ["bun.lockb", "bun"],
];

/**
 * The lockfile that holds for a directory: its own, or the one of the nearest directory above.
 *
 * @param top where to stop looking; by default the root of the file system
 */
export async function lockfileState(directory: string, top?: string): Promise<LockfileState | undefined> {
  const last = top === undefined ? undefined : resolve(top);
  for (let place = resolve(directory); ; place = dirname(place)) {
    for (const [file, manager] of lockfiles) {
      const bytes = await readFile(join(place, file)).catch(() => undefined);
      if (bytes) return { manager, file, directory: place, digest: digestOfText(bytes) };
    }
    if (place === last || place === dirname(place)) return undefined;
  }
}

/** A checkout on Windows has other line ends: they do not make it another lockfile. */
function digestOfText(bytes: Buffer): string {
  const text = bytes.includes(0) ? bytes : Buffer.from(bytes.toString("latin1").replaceAll("\r\n", "\n"), "latin1");
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
