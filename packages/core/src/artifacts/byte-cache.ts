import type { Manifest } from "./manifest.js";

export interface CachedArtifact {
  readonly manifest: Manifest;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** The files of small artifacts, by the digest of the artifact; what was used least recently goes first. */
export class ByteCache {
  readonly #limit: number;
  readonly #entries = new Map<string, { readonly artifact: CachedArtifact; readonly bytes: number }>();
  #bytes = 0;

  /** @param limit in bytes */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get(digest: string): CachedArtifact | undefined {
    const entry = this.#entries.get(digest);
    if (!entry) return undefined;
    this.#entries.delete(digest);
    this.#entries.set(digest, entry);
    return entry.artifact;
  }

  set(digest: string, artifact: CachedArtifact): void {
    if (this.#entries.has(digest)) return;
    // An entry takes room beyond its bytes.
    const bytes = 1024 + [...artifact.files.values()].reduce((sum, file) => sum + file.length, 0);
    this.#entries.set(digest, { artifact, bytes });
    this.#bytes += bytes;
    for (const [oldest, entry] of this.#entries) {
      if (this.#bytes <= this.#limit) break;
      this.#entries.delete(oldest);
      this.#bytes -= entry.bytes;
    }
  }
}
