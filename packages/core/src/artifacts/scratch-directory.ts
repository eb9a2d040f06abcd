import { rmSync } from "node:fs";
import { mkdtemp, readdir, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive } from "./is-alive.js";
import { removeTree } from "./remove-tree.js";

const undisposed = new Set<string>();
let exitIsWatched = false;

/** A temporary directory that is made when it is first asked for and goes away with `dispose`, at the latest with the process. */
export class ScratchDirectory {
  readonly parent: string;
  #made: Promise<string> | undefined;
  #disposed = false;

  constructor(parent: string = tmpdir()) {
    this.parent = parent;
  }

  path(): Promise<string> {
    this.#made ??= make(this.parent);
    return this.#made;
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  /** A new empty directory inside. */
  async subdirectory(): Promise<string> {
    return mkdtemp(join(await this.path(), "d-"));
  }

  /** What cannot be removed now, because something still writes there, is removed when the process ends. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    const made = this.#made;
    if (!made) return;
    this.#made = undefined;
    const path = await made.catch(() => undefined);
    if (path === undefined) return;
    await removeTree(path).then(
      () => undisposed.delete(path),
      () => {},
    );
  }
}

async function make(parent: string): Promise<string> {
  const path = await mkdtemp(join(parent, `tenon-${process.pid}-`));
  if (!exitIsWatched) process.once("exit", removeUndisposed);
  exitIsWatched = true;
  undisposed.add(path);
  return path;
}

function removeUndisposed(): void {
  for (const path of undisposed) {
    try {
      rmSync(path, { recursive: true, force: true });
    } catch {
      // It may not stand in the way of the others, nor of how the process ends.
    }
  }
}

/** The directories of processes of this machine that were killed; deleted if `remove` says so. Returns their paths. */
export async function removeAbandoned(olderThanMs: number, remove: boolean, parent = tmpdir()): Promise<string[]> {
  const abandoned: string[] = [];
  for (const entry of await readdir(parent)) {
    const pid = /^tenon-(\d+)-[A-Za-z0-9]{6}$/.exec(entry)?.[1];
    const path = join(parent, entry);
    if (pid === undefined || isAlive(Number(pid))) continue;
    const age = await stat(path).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => -1,
    );
    // Another container may share the directory but not the numbers of processes: hence the age.
    if (age < olderThanMs) continue;
    const gone =
      !remove ||
      (await removeTree(path).then(
        () => true,
        () => false,
      ));
    if (gone) abandoned.push(path);
  }
  return abandoned;
}
