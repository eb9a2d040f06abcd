import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { ArtifactStore, Body } from "../contracts/artifact-store.js";
import { fileKey } from "./manifest.js";
import type { ScratchDirectory } from "./scratch-directory.js";

/** Where the files of an artifact go while it is encoded. */
export interface FileSink {
  put(path: string, body: Body): Promise<void>;
}

/**
 * Into a store: each file as an object of its own; but if all are there as bytes and small together they are held, to be
 * written with the manifest as one object.
 */
export class StoreSink implements FileSink {
  readonly #store: ArtifactStore;
  readonly #location: string;
  readonly #signal: AbortSignal | undefined;
  readonly #heldBytes: number;
  #held: Map<string, Uint8Array> | undefined = new Map();
  #size = 0;

  /** @param heldBytes what all files together may have to be held; 0 holds none */
  constructor(store: ArtifactStore, location: string, signal: AbortSignal | undefined, heldBytes: number) {
    this.#store = store;
    this.#location = location;
    this.#signal = signal;
    this.#heldBytes = heldBytes;
    if (heldBytes === 0) this.#held = undefined;
  }

  /** Of all files, unless they lie in the store. */
  get held(): ReadonlyMap<string, Uint8Array> | undefined {
    return this.#held;
  }

  async put(path: string, body: Body): Promise<void> {
    if (this.#held && body instanceof Uint8Array) {
      this.#size += body.length;
      if (this.#size <= this.#heldBytes) return void this.#held.set(path, new Uint8Array(body));
    }
    const released = this.#held ?? [];
    this.#held = undefined;
    for (const [name, bytes] of released) await this.#write(name, bytes);
    await this.#write(path, body);
  }

  async #write(path: string, body: Body): Promise<void> {
    await this.#store.write(fileKey(this.#location, path), body, this.#signal ? { signal: this.#signal } : {});
  }
}

/** In memory, and what is too large for it in temporary files. */
export class SpoolSink implements FileSink {
  /** Bytes that all files together may take in memory. */
  static readonly memoryBytes = 8 * 1024 * 1024;
  readonly #scratch: ScratchDirectory;
  readonly #files = new Map<string, Uint8Array | { readonly file: string }>();
  #inMemory = 0;

  constructor(scratch: ScratchDirectory) {
    this.#scratch = scratch;
  }

  get files(): Iterable<[path: string, body: Body]> {
    return [...this.#files].map(([path, held]) => [
      path,
      held instanceof Uint8Array ? held : createReadStream(held.file, { highWaterMark: 1 << 20 }),
    ]);
  }

  async put(path: string, body: Body): Promise<void> {
    if (body instanceof Uint8Array) {
      this.#inMemory += body.length;
      this.#files.set(path, new Uint8Array(body));
      return;
    }
    const pieces: Uint8Array[] = [];
    const iterator = body[Symbol.asyncIterator]();
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      pieces.push(new Uint8Array(next.value));
      this.#inMemory += next.value.length;
      if (this.#inMemory <= SpoolSink.memoryBytes) continue;
      for (const piece of pieces) this.#inMemory -= piece.length;
      const file = join(await this.#scratch.subdirectory(), "file");
      await spool(file, pieces, iterator);
      this.#files.set(path, { file });
      return;
    }
    this.#files.set(path, Buffer.concat(pieces));
  }
}

async function spool(file: string, head: Uint8Array[], rest: AsyncIterator<Uint8Array>): Promise<void> {
  const handle = await open(file, "wx");
  try {
    for (const piece of head.splice(0)) await handle.writeFile(piece);
    for (let next = await rest.next(); !next.done; next = await rest.next()) await handle.writeFile(next.value);
  } catch (error) {
    await rest.return?.();
    throw error;
  } finally {
    await handle.close();
  }
}
