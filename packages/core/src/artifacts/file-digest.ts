import { createHash, hash, webcrypto } from "node:crypto";
import { chunkBytes, type ManifestFile } from "./manifest.js";

/** How many chunks may be at the thread pool at once. */
const chunksInFlight = 2;

/** The manifest's entry for bytes that are there and no longer than a chunk. */
export function digestSmallFile(path: string, bytes: Uint8Array): ManifestFile {
  return { path, size: bytes.length, sha256: hash("sha256", bytes) };
}

/**
 * Digests a file while its bytes go by: the whole on this thread, the chunks on the thread pool beside it.
 */
export class FileDigest {
  readonly #path: string;
  readonly #whole = createHash("sha256");
  readonly #chunks: Promise<string>[] = [];
  /** Web Crypto copies what it digests, so that one buffer is enough. */
  #chunk: Buffer | undefined;
  #filled = 0;
  #size = 0;

  constructor(path: string) {
    this.#path = path;
  }

  async *through(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
    for await (const piece of body) {
      await this.#add(piece);
      yield piece;
    }
  }

  async finish(): Promise<ManifestFile> {
    const entry = { path: this.#path, size: this.#size, sha256: this.#whole.digest("hex") };
    if (this.#size <= chunkBytes) return entry;
    if (this.#filled > 0) this.#digestChunk();
    return { ...entry, chunks: await Promise.all(this.#chunks) };
  }

  async #add(piece: Uint8Array): Promise<void> {
    this.#whole.update(piece);
    this.#size += piece.length;
    let offset = 0;
    while (offset < piece.length) {
      this.#chunk ??= Buffer.allocUnsafeSlow(chunkBytes);
      const part = piece.subarray(offset, offset + chunkBytes - this.#filled);
      this.#chunk.set(part, this.#filled);
      this.#filled += part.length;
      offset += part.length;
      if (this.#filled < chunkBytes) continue;
      this.#digestChunk();
      await this.#chunks.at(-1 - chunksInFlight);
    }
  }

  #digestChunk(): void {
    if (!this.#chunk) return;
    this.#chunks.push(sha256InPool(this.#chunk.subarray(0, this.#filled)));
    this.#filled = 0;
  }
}

/** SHA-256 in hex, off this thread if that is worth it. The bytes may be changed as soon as it has returned. */
export async function sha256InPool(bytes: Uint8Array): Promise<string> {
  if (bytes.length < 1 << 17) return hash("sha256", bytes);
  return Buffer.from(await webcrypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>)).toString("hex");
}
