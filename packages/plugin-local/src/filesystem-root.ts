import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { TenonError } from "@tenon/core";
import { fsyncDirectory } from "./filesystem-durability.js";
import { systemCode } from "./filesystem-errors.js";
import type { NameRules } from "./filesystem-names.js";
import { TemporaryFiles } from "./filesystem-temporary.js";

const mostKnown = 1000;

interface OpenRoot {
  /** With no symbolic link in it. */
  readonly objects: string;
  readonly rules: NameRules;
}

/**
 * The directory of a store: `objects/`, `tmp/`, and `store.json`, which says how keys become names. It is made when
 * the first object is written, not before.
 */
export class FilesystemRoot {
  readonly path: string;
  readonly #forced: NameRules | undefined;
  readonly #durable: boolean;
  #open: OpenRoot | undefined;
  /** Directories that no link led to, and which ones they were: as long as they are the same, nothing is between. */
  readonly #known = new Map<string, { readonly dev: number; readonly ino: number }>();
  #temporary: TemporaryFiles | undefined;

  constructor(path: string, { names, durable }: { readonly names: NameRules | undefined; readonly durable: boolean }) {
    this.path = path;
    this.#forced = names;
    this.#durable = durable;
  }

  /** Undefined as long as nothing has been written. */
  opened(): OpenRoot | undefined {
    if (this.#open) return this.#open;
    let text: string;
    try {
      text = readFileSync(this.#marker, "utf8");
    } catch (error) {
      if (systemCode(error) === "ENOENT") return undefined;
      throw error;
    }
    const rules = this.#rulesOf(text);
    const objects = join(this.path, "objects");
    if (!existsSync(objects)) mkdirSync(objects, { recursive: true });
    this.#open = { objects: realpathSync.native(objects), rules };
    return this.#open;
  }

  created(): OpenRoot {
    const open = this.opened();
    if (open) return open;
    mkdirSync(join(this.path, "objects"), { recursive: true });
    const file = this.temporaryFile();
    writeFileSync(file, `${JSON.stringify({ format: 1, names: this.#forced ?? probe(file) })}\n`);
    renameSync(file, this.#marker);
    if (this.#durable) fsyncDirectory(this.path);
    return this.opened() as OpenRoot;
  }

  /** A path for a file that is going to be renamed. */
  temporaryFile(): string {
    if (!this.#temporary) {
      const temporary = new TemporaryFiles(join(this.path, "tmp"));
      temporary.create();
      temporary.removeStale();
      this.#temporary = temporary;
    }
    return this.#temporary.next();
  }

  /** After ENOENT: true if only the temporary directory was gone, which is there again then. */
  mendTemporary(): boolean {
    if (!existsSync(this.#marker)) return false;
    this.#temporary?.create();
    return true;
  }

  /**
   * A directory below `objects`, made if need be, reached through no symbolic link.
   * @throws `STORE_CORRUPT`
   */
  makeDirectory(path: string): void {
    const { objects } = this.created();
    if (this.isSafe(path)) return;
    if (path === objects) {
      this.assertThere();
      mkdirSync(objects, { recursive: true });
      return;
    }
    this.makeDirectory(dirname(path));
    try {
      mkdirSync(path);
    } catch (error) {
      if (systemCode(error) !== "EEXIST") throw error;
      if (!this.isSafe(path)) throw this.#inTheWay(path);
      return;
    }
    if (this.#durable) fsyncDirectory(dirname(path));
  }

  /**
   * Whether a directory below `objects` is there.
   * @throws `STORE_CORRUPT` if a symbolic link leads there: it might lead out of the store
   */
  isSafe(path: string): boolean {
    let facts: Stats | undefined;
    let real: string;
    try {
      facts = lstatSync(path, { throwIfNoEntry: false });
      const known = this.#known.get(path);
      if (known && facts?.isDirectory() && facts.ino === known.ino && facts.dev === known.dev) return true;
      real = realpathSync.native(path);
    } catch (error) {
      const code = systemCode(error);
      if (code === "ENOENT" || code === "ENAMETOOLONG") return false;
      if (code === "ENOTDIR" || code === "ELOOP") throw this.#inTheWay(path);
      throw error;
    }
    if (real !== path) throw this.#inTheWay(path);
    if (facts?.isDirectory()) {
      if (this.#known.size >= mostKnown) this.#known.clear();
      this.#known.set(path, { dev: facts.dev, ino: facts.ino });
    }
    return true;
  }

  /** @throws `STORE_VANISHED` if this store was there once and is not now */
  assertThere(): void {
    if (!this.#open || existsSync(this.#marker)) return;
    throw new TenonError("STORE_VANISHED", {
      doing: `using the artifact store in ${this.path}`,
      found: "the directory was deleted while it was in use",
      fix: "Restore it from a backup, or start again with an empty state directory.",
    });
  }

  dispose(): void {
    this.#temporary?.dispose();
  }

  get #marker(): string {
    return join(this.path, "store.json");
  }

  #rulesOf(text: string): NameRules {
    let marker: { format?: unknown; names?: unknown } = {};
    try {
      marker = JSON.parse(text) as typeof marker;
    } catch {
      // An unreadable marker has no format.
    }
    if (marker?.format === 1 && (marker.names === "exact" || marker.names === "folded")) return marker.names;
    const newer = typeof marker?.format === "number" && marker.format > 1;
    throw new TenonError(newer ? "STORE_TOO_NEW" : "STORE_CORRUPT", {
      doing: `opening the artifact store in ${this.path}`,
      found: newer ? `its format is ${String(marker.format)}, this version knows 1` : "its store.json is not one",
      fix: newer
        ? "Use the version of @tenon/plugin-local that wrote it."
        : 'If its objects are whole, write {"format":1,"names":"exact"} into store.json.',
    });
  }

  #inTheWay(path: string): TenonError {
    const { objects } = this.created();
    let link = objects;
    for (const part of relative(objects, path).split(sep)) {
      link = join(link, part);
      if (!lstatSync(link, { throwIfNoEntry: false })?.isDirectory()) break;
    }
    return new TenonError("STORE_CORRUPT", {
      doing: `using the artifact store in ${this.path}`,
      found: `${link} is a symbolic link or a file where only a directory may be`,
      fix: "Remove it; Tenon follows no links inside its store.",
    });
  }
}

/** Whether the file system tells capitals and Unicode forms apart. */
function probe(file: string): NameRules {
  const made = [`${file}-Probe`, `${file}-\u00e9`];
  const taken = [`${file}-pROBE`, `${file}-e\u0301`];
  try {
    for (const path of made) writeFileSync(path, "");
    return taken.some((path) => existsSync(path)) ? "folded" : "exact";
  } finally {
    for (const path of made) rmSync(path, { force: true });
  }
}
