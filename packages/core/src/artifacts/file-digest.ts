import { webcrypto } from "node:crypto";
import { chunkBytes, chunkedFile, type ManifestFile, sha256 } from "./manifest.js";

/** How many chunks may be at the thread pool at once. */
const chunksInFlight = 2;
/** Below it, a trip to the thread pool costs more than the digest. */
const smallBytes = 1 << 17;

/** The manifest's entry for bytes that are there and no longer than a chunk. */
export function digestSmallFile(path: string, bytes: Uint8Array): ManifestFile {
  return { path, size: bytes.length, digest: sha256(bytes) };
}

/** Digests a file chunk by chunk while its bytes go by, on the thread pool. */
export class FileDigest {
  readonly #path: string;
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
    if (this.#filled > 0 || this.#chunks.length === 0) this.#digestChunk();
    const chunks = await Promise.all(this.#chunks);
    const [only = ""] = chunks;
    if (chunks.length === 1) return { path: this.#path, size: this.#size, digest: only };
    return chunkedFile(this.#path, this.#size, chunks);
  }

  async #add(piece: Uint8Array): Promise<void> {
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
      await this.#chunks.at(-chunksInFlight);
    }
  }

  #digestChunk(): void {
    this.#chunks.push(sha256InPool(this.#chunk?.subarray(0, this.#filled) ?? new Uint8Array()));
    this.#filled = 0;
  }
}

/** `sha256:…`, off this thread if that is worth it. The bytes may be changed as soon as it has returned. */
export async function sha256InPool(bytes: Uint8Array): Promise<string> {
  if (bytes.length < smallBytes) return sha256(bytes);
  const digest = await webcrypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return `sha256:${Buffer.from(digest).toString("hex")}`;
}
