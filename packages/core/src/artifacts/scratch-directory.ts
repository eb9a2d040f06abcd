import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const undisposed = new Set<string>();
let exitIsWatched = false;

/** A temporary directory that is made when it is first asked for and goes away with `dispose`, at the latest with the process. */
export class ScratchDirectory {
  readonly parent: string;
  #made: Promise<string> | undefined;

  constructor(parent: string = tmpdir()) {
    this.parent = parent;
  }

  path(): Promise<string> {
    this.#made ??= make(this.parent);
    return this.#made;
  }

  /** A new empty directory inside. */
  async subdirectory(): Promise<string> {
    return mkdtemp(join(await this.path(), "d-"));
  }

  async dispose(): Promise<void> {
    const made = this.#made;
    if (!made) return;
    this.#made = undefined;
    const path = await made.catch(() => undefined);
    if (path === undefined) return;
    await rm(path, { recursive: true, force: true });
    undisposed.delete(path);
  }
}

async function make(parent: string): Promise<string> {
  const path = await mkdtemp(join(parent, "tenon-"));
  if (!exitIsWatched) process.once("exit", removeUndisposed);
  exitIsWatched = true;
  undisposed.add(path);
  return path;
}

function removeUndisposed(): void {
  for (const path of undisposed) rmSync(path, { recursive: true, force: true });
}
