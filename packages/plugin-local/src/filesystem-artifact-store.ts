import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  read as readCallback,
  readSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import {
  type ArtifactStore,
  assertKey,
  type Body,
  type ComponentContext,
  type ListOptions,
  type ObjectEntry,
  type ObjectPage,
  type ReadOptions,
  TenonError,
  type WriteOptions,
} from "@tenon/core";
import { drain } from "./filesystem-body.js";
import { fsyncDirectory } from "./filesystem-durability.js";
import { storeError, systemCode } from "./filesystem-errors.js";
import { keysBelow } from "./filesystem-listing.js";
import { type NameRules, pathOfDirectory, pathOfKey } from "./filesystem-names.js";
import { FilesystemRoot } from "./filesystem-root.js";

/** As long as the chunks that are verified at once: then none has to be put together. */
const readBytes = 1 << 22;
const writeBytes = 1 << 20;
/** What is not longer is read and written without leaving the thread: a trip to the pool costs more. */
const smallBytes = 1 << 18;
const makeDirectoryAttempts = 100;
const readAt = promisify(readCallback);

export interface FilesystemConfig {
  /** Relative to the project root; by default `artifacts` in the state directory. */
  readonly path?: string | undefined;
  /**
   * What a completed write survives: `process`, that the process is killed; `power`, that the machine loses power, for
   * about 0.4 ms a file.
   */
  readonly durability?: "process" | "power" | undefined;
}

export function create({ config, project }: ComponentContext<FilesystemConfig>): ArtifactStore {
  const { path, durability } = config;
  const root = path === undefined ? join(project.stateDirectory, "artifacts") : resolve(project.root, path);
  return new FilesystemArtifactStore(root, { durability });
}

export interface FilesystemOptions {
  readonly durability?: "process" | "power" | undefined;
  /** For tests: keep to the names of a file system that takes `a` and `A` for one; by default it is tried. */
  readonly names?: NameRules | undefined;
}

/** Objects as files below a directory, for any number of processes at once. See `filesystem-names.ts` for how they are named. */
export class FilesystemArtifactStore implements ArtifactStore {
  readonly #root: FilesystemRoot;
  readonly #durable: boolean;

  constructor(path: string, { durability = "process", names }: FilesystemOptions = {}) {
    this.#durable = durability === "power";
    this.#root = new FilesystemRoot(resolve(path), { names, durable: this.#durable });
  }

  async write(key: string, body: Body, { ifAbsent = false, signal }: WriteOptions = {}): Promise<boolean> {
    assertKey(key);
    signal?.throwIfAborted();
    return this.#doing(`writing '${key}'`, async () => {
      const { objects, rules } = this.#root.created();
      const target = join(objects, pathOfKey(key, rules));
      if (ifAbsent && this.#stat(target)) return false;
      const temporary = this.#createTemporary();
      try {
        if (body instanceof Uint8Array && body.length <= smallBytes) this.#fill(temporary.descriptor, body);
        else await this.#stream(temporary.path, body, signal);
      } catch (error) {
        rmSync(temporary.path, { force: true });
        throw error;
      } finally {
        closeSync(temporary.descriptor);
      }
      return this.#publish(temporary.path, target, ifAbsent);
    });
  }

  async *read(key: string, { range, signal }: ReadOptions = {}): AsyncIterable<Uint8Array> {
    assertKey(key);
    signal?.throwIfAborted();
    const doing = `reading '${key}'`;
    const descriptor = await this.#doing(doing, async () => this.#openToRead(key));
    try {
      const { size } = fstatSync(descriptor);
      const end = Math.min(range?.end ?? size, size);
      let position = range?.start ?? 0;
      while (position < end) {
        const length = Math.min(readBytes, end - position);
        const buffer = Buffer.allocUnsafeSlow(length);
        const count = await this.#doing(doing, async () =>
          end - position <= smallBytes
            ? readSync(descriptor, buffer, 0, length, position)
            : (await readAt(descriptor, buffer, 0, length, position)).bytesRead,
        );
        signal?.throwIfAborted();
        if (count === 0) return;
        position += count;
        yield buffer.subarray(0, count);
      }
    } finally {
      closeSync(descriptor);
    }
  }

  async stat(key: string, { signal }: { signal?: AbortSignal } = {}): Promise<ObjectEntry | undefined> {
    assertKey(key);
    signal?.throwIfAborted();
    return this.#doing(`looking for '${key}'`, async () => {
      const open = this.#root.opened();
      const facts = open && this.#stat(join(open.objects, pathOfKey(key, open.rules)));
      if (facts) return { key, size: facts.size };
      this.#root.assertThere();
      return undefined;
    });
  }

  async list(prefix: string, { after, limit = 1000, signal }: ListOptions = {}): Promise<ObjectPage> {
    signal?.throwIfAborted();
    return this.#doing(`listing '${prefix}'`, async () => {
      const open = this.#root.opened();
      const segments = prefix.split("/");
      const partial = segments.pop() ?? "";
      if (!open || segments.some((segment) => segment === "" || segment === "." || segment === ".."))
        return { entries: [] };
      const directory = join(open.objects, pathOfDirectory(segments, open.rules));
      if (prefix.includes("\0") || !this.#root.isSafe(directory)) {
        this.#root.assertThere();
        return { entries: [] };
      }
      const entries: ObjectEntry[] = [];
      const keyPrefix = segments.map((segment) => `${segment}/`).join("");
      for await (const entry of keysBelow(directory, keyPrefix, partial, { rules: open.rules, after, signal })) {
        const last = entries.at(-1);
        if (last && entries.length >= limit) return { entries, next: last.key };
        entries.push(entry);
      }
      return { entries };
    });
  }

  async delete(key: string, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    assertKey(key);
    signal?.throwIfAborted();
    await this.#doing(`deleting '${key}'`, async () => {
      const open = this.#root.opened();
      if (!open) return;
      const path = join(open.objects, pathOfKey(key, open.rules));
      if (!this.#stat(path)) return;
      rmSync(path, { force: true });
      prune(dirname(path), open.objects);
    });
  }

  uri(key: string): string {
    const open = this.#root.opened();
    return join(open?.objects ?? join(this.#root.path, "objects"), pathOfKey(key, open?.rules ?? "exact"));
  }

  dispose(): void {
    this.#root.dispose();
  }

  #createTemporary(): { path: string; descriptor: number } {
    const path = this.#root.temporaryFile();
    try {
      return { path, descriptor: openSync(path, "wx") };
    } catch (error) {
      if (systemCode(error) !== "ENOENT") throw error;
      this.#root.assertThere();
      if (!this.#root.mendTemporary()) throw error;
      return { path, descriptor: openSync(path, "wx") };
    }
  }

  #fill(descriptor: number, bytes: Uint8Array): void {
    for (let offset = 0; offset < bytes.length; ) offset += writeSync(descriptor, bytes, offset);
    if (this.#durable) fsyncSync(descriptor);
  }

  async #stream(path: string, body: Body, signal: AbortSignal | undefined): Promise<void> {
    const handle = await open(path, "r+");
    const writeAll = async (bytes: Uint8Array) => {
      for (let offset = 0; offset < bytes.length; ) {
        offset += (await handle.write(bytes, offset, Math.min(writeBytes, bytes.length - offset))).bytesWritten;
        signal?.throwIfAborted();
      }
    };
    try {
      if (body instanceof Uint8Array) await writeAll(body);
      else await drain(body, signal, writeAll);
      if (this.#durable) await handle.sync();
      signal?.throwIfAborted();
    } finally {
      await handle.close();
    }
  }

  /** Gives a finished file its name, or removes it. */
  #publish(temporary: string, target: string, ifAbsent: boolean): boolean {
    let renamed = false;
    try {
      for (let attempt = 1; ; attempt += 1) {
        this.#root.makeDirectory(dirname(target));
        try {
          if (ifAbsent) linkSync(temporary, target);
          else renameSync(temporary, target);
          renamed = !ifAbsent;
          break;
        } catch (error) {
          const code = systemCode(error);
          if (code === "EEXIST" && ifAbsent) return false;
          // Somebody who deleted the last object of the directory has pruned it in between.
          if (code !== "ENOENT" || attempt >= makeDirectoryAttempts) throw error;
          this.#root.assertThere();
        }
      }
      if (this.#durable) fsyncDirectory(dirname(target));
      return true;
    } finally {
      if (!renamed) rmSync(temporary, { force: true });
    }
  }

  #openToRead(key: string): number {
    const open = this.#root.opened();
    const path = open && join(open.objects, pathOfKey(key, open.rules));
    if (path && this.#stat(path)) {
      try {
        return openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
      } catch (error) {
        if (systemCode(error) !== "ENOENT") throw error;
      }
    }
    this.#root.assertThere();
    throw new TenonError("ARTIFACT_MISSING", {
      doing: `reading ${this.uri(key)}`,
      found: "there is no such object",
      fix: "Run the step that made it again.",
      details: { key },
    });
  }

  /** Of a file reached through no link. */
  #stat(path: string): { size: number } | undefined {
    if (!this.#root.isSafe(dirname(path))) return undefined;
    const facts = lstatSync(path, { throwIfNoEntry: false });
    if (facts?.isSymbolicLink()) {
      throw new TenonError("STORE_CORRUPT", {
        doing: `using ${path}`,
        found: "it is a symbolic link",
        fix: "Remove it; Tenon follows no links inside its store.",
      });
    }
    return facts?.isFile() ? { size: facts.size } : undefined;
  }

  async #doing<T>(doing: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw storeError(error, `${doing} in the artifact store ${this.#root.path}`, this.#root.path);
    }
  }
}

/** Removes directories that have become empty, up to the store's own. */
function prune(directory: string, objects: string): void {
  for (let path = directory; path !== objects; path = dirname(path)) {
    try {
      rmdirSync(path);
    } catch {
      return;
    }
  }
}
