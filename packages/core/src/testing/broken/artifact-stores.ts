import { assertKey } from "../../contracts/artifact-key.js";
import type {
  ArtifactStore,
  Body,
  ListOptions,
  ObjectEntry,
  ObjectPage,
  ReadOptions,
  WriteOptions,
} from "../../contracts/artifact-store.js";
import type { ArtifactStoreSubject } from "../artifact-store.js";
import { collected } from "../artifact-store-values.js";
import { MemoryArtifactStore } from "../memory-artifact-store.js";

type Objects = Map<string, Uint8Array>;

/** Writes every piece as it comes. */
class NotAtomic extends MemoryArtifactStore {
  override async write(key: string, body: Body, { ifAbsent = false }: WriteOptions = {}): Promise<boolean> {
    assertKey(key);
    if (body instanceof Uint8Array) return super.write(key, body, { ifAbsent });
    if (ifAbsent && this.objects.has(key)) return false;
    this.objects.set(key, new Uint8Array());
    for await (const piece of body) {
      this.objects.set(key, new Uint8Array(Buffer.concat([this.objects.get(key) ?? new Uint8Array(), piece])));
    }
    return true;
  }
}

/** Looks whether a key is taken before it takes the body, not after; replaces only what is shorter. */
class Racing extends MemoryArtifactStore {
  override async write(key: string, body: Body, { ifAbsent = false, ...options }: WriteOptions = {}): Promise<boolean> {
    if (ifAbsent && this.objects.has(key)) return false;
    await Promise.resolve();
    return super.write(key, body, options);
  }
}

/** Ignores every option. */
class Deaf extends MemoryArtifactStore {
  override write(key: string, body: Body): Promise<boolean> {
    return super.write(key, body);
  }
  override read(key: string): AsyncIterable<Uint8Array> {
    return super.read(key);
  }
  override stat(key: string): Promise<ObjectEntry | undefined> {
    return super.stat(key);
  }
  override list(): Promise<ObjectPage> {
    return super.list("");
  }
  override delete(key: string): Promise<void> {
    return super.delete(key);
  }
}

/** Keeps the bytes that it was given instead of a copy, and with them the buffer around them. */
class Aliasing extends MemoryArtifactStore {
  override async write(key: string, body: Body, options: WriteOptions = {}): Promise<boolean> {
    assertKey(key);
    const pieces: Uint8Array[] = [];
    if (body instanceof Uint8Array) pieces.push(new Uint8Array(body.buffer));
    else for await (const piece of body) pieces.push(piece);
    const whole = pieces.length === 1 ? pieces[0] : new Uint8Array(Buffer.concat(pieces));
    return super.write(key, whole ?? new Uint8Array(), options);
  }
  override async *read(key: string, { range }: ReadOptions = {}): AsyncIterable<Uint8Array> {
    const bytes = this.objects.get(key) ?? (await collected(super.read(key)));
    yield bytes.subarray(range?.start ?? 0, range?.end);
  }
}

/** Holds no empty objects, and a megabyte at most; replaces only the beginning of what is there. */
class Clipping extends MemoryArtifactStore {
  override async write(key: string, body: Body, options: WriteOptions = {}): Promise<boolean> {
    assertKey(key);
    const bytes = body instanceof Uint8Array ? body : await collected(body);
    if (bytes.length === 0) return true;
    const before = this.objects.get(key) ?? new Uint8Array();
    const whole = new Uint8Array(Buffer.concat([bytes, before.subarray(bytes.length)])).subarray(0, 1 << 20);
    return super.write(key, whole, options);
  }
}

/** Has ranges with their end included, as HTTP has, and refuses those that HTTP refuses. */
class InclusiveRanges extends MemoryArtifactStore {
  override async *read(key: string, { range, ...options }: ReadOptions = {}): AsyncIterable<Uint8Array> {
    const size = (await this.stat(key))?.size ?? 0;
    if (range && range.start >= size) throw new Error("416 Range Not Satisfiable");
    if (range?.end !== undefined && range.end > size) throw new Error("416 Range Not Satisfiable");
    const end = range?.end === undefined ? size - 1 : range.end + 1;
    yield* super.read(key, { ...options, ...(range && { range: { start: range.start, end } }) });
  }
}

/** Stores under a key that it has made of the one it was given. */
class Mangling implements ArtifactStore {
  protected readonly inner: MemoryArtifactStore;
  readonly #mangle: (key: string) => string;
  constructor(mangle: (key: string) => string, objects: Objects = new Map()) {
    this.inner = new MemoryArtifactStore(objects);
    this.#mangle = mangle;
  }
  async write(key: string, body: Body, options?: WriteOptions): Promise<boolean> {
    return this.inner.write(this.#mangle(key), body, options);
  }
  async *read(key: string, options?: ReadOptions): AsyncIterable<Uint8Array> {
    yield* this.inner.read(this.#mangle(key), options);
  }
  async stat(key: string): Promise<ObjectEntry | undefined> {
    return this.inner.stat(this.#mangle(key));
  }
  async list(prefix: string, options?: ListOptions): Promise<ObjectPage> {
    return this.inner.list(prefix, options);
  }
  async delete(key: string): Promise<void> {
    return this.inner.delete(this.#mangle(key));
  }
  uri(): string {
    return "memory:";
  }
}

/** Takes a prefix for a directory, lists by JavaScript's order and pages by number. */
class DirectoryLister extends MemoryArtifactStore {
  override async list(prefix: string, { after, limit = 1000 }: ListOptions = {}): Promise<ObjectPage> {
    const directory = prefix === "" || prefix.endsWith("/") ? prefix : `${prefix}/`;
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(directory)).sort();
    const start = after === undefined ? 0 : keys.indexOf(after);
    const entries = keys.slice(start, start + limit).map((key) => ({ key, size: 0 }));
    return entries.length < limit ? { entries } : { entries, next: entries.at(-1)?.key ?? "" };
  }
}

/** Reads nothing where nothing is, and complains when nothing is there to delete; finds directories. */
class Lenient extends MemoryArtifactStore {
  override async *read(key: string, options?: ReadOptions): AsyncIterable<Uint8Array> {
    if (this.objects.has(key)) yield* super.read(key, options);
  }
  override async delete(key: string): Promise<void> {
    if (!this.objects.delete(key)) throw new Error(`${key} is not there`);
  }
  override async stat(key: string): Promise<ObjectEntry> {
    return { key, size: this.objects.get(key)?.length ?? 0 };
  }
}

/** Fails while a reader is somewhere in an object, and once a reader has left one early. */
class Locking extends MemoryArtifactStore {
  #reading = 0;
  override async *read(key: string, options?: ReadOptions): AsyncIterable<Uint8Array> {
    this.#reading += 1;
    yield* super.read(key, options);
    this.#reading -= 1;
  }
  override async delete(key: string): Promise<void> {
    if (this.#reading > 0) throw new Error("the object is in use");
    await super.delete(key);
  }
}

/** Always lists something. */
class Haunted extends MemoryArtifactStore {
  override async list(): Promise<ObjectPage> {
    return { entries: [{ key: ".keep", size: 0 }] };
  }
  override async *read(key: string): AsyncIterable<Uint8Array> {
    yield* super.read(key, { range: { start: 1 } });
  }
}

const alone = (store: ArtifactStore): ArtifactStoreSubject => ({ store });

/** Stores that each break promises of the contract; every case of the kit fails on one of them. */
export const brokenArtifactStores: Readonly<Record<string, () => ArtifactStoreSubject>> = {
  notAtomic: () => alone(new NotAtomic()),
  racing: () => alone(new Racing()),
  deaf: () => alone(new Deaf()),
  aliasing: () => alone(new Aliasing()),
  clipping: () => alone(new Clipping()),
  inclusiveRanges: () => alone(new InclusiveRanges()),
  foldingCase: () => alone(new Mangling((key) => key.toLowerCase())),
  normalising: () => alone(new Mangling((key) => key.normalize("NFC"))),
  cleaningUp: () =>
    alone(
      new Mangling(
        (key) =>
          key
            .replace(/[^\w/.-]|\.+$|\/$|^\//g, "")
            .replaceAll("..", "")
            .slice(0, 255) || "_",
      ),
    ),
  avoidingReservedNames: () => alone(new Mangling((key) => key.replace(/^(con|nul|aux|lpt1|__proto__)/i, "_$1"))),
  flattening: () => alone(new Mangling((key) => key.replaceAll("/", "-"))),
  acceptingAll: () => alone(new Mangling((key) => key.replace(/[^a-z]/g, "x").slice(0, 100) || "x")),
  directoryLister: () => alone(new DirectoryLister()),
  lenient: () => alone(new Lenient()),
  locking: () => alone(new Locking()),
  haunted: () => alone(new Haunted()),
  unshared: () => ({ store: new MemoryArtifactStore(), openAgain: () => new MemoryArtifactStore() }),
};
