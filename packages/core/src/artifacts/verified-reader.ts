import { isUtf8 } from "node:buffer";
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { ArtifactStore } from "../contracts/artifact-store.js";
import type { ArtifactReader } from "../contracts/materializer.js";
import { TenonError } from "../errors.js";
import { fileKey, type Manifest, type ManifestFile } from "./manifest.js";
import type { ScratchDirectory } from "./scratch-directory.js";
import { verifiedChunks } from "./verified-chunks.js";

/** V8 holds no longer strings. */
const longestText = 0x1fffffe8;

export interface VerifiedReaderOptions {
  readonly store: ArtifactStore;
  readonly location: string;
  readonly format: string;
  readonly manifest: Manifest;
  /** The bytes of all files, for an artifact that is small and known. */
  readonly cached: ReadonlyMap<string, Uint8Array> | undefined;
  readonly scratch: ScratchDirectory;
  readonly signal: AbortSignal | undefined;
}

/** Reads an artifact's files, handing out no byte that is not verified. */
export class VerifiedReader implements ArtifactReader {
  readonly format: string;
  readonly files: readonly ManifestFile[];
  readonly signal: AbortSignal | undefined;
  readonly #options: VerifiedReaderOptions;
  #directory: Promise<string> | undefined;

  constructor(options: VerifiedReaderOptions) {
    this.#options = options;
    this.format = options.format;
    this.files = options.manifest.files;
    this.signal = options.signal;
  }

  async *stream(path: string, range: { start: number; end?: number } = { start: 0 }): AsyncIterable<Uint8Array> {
    this.signal?.throwIfAborted();
    const file = this.#file(path);
    const start = Math.max(0, range.start);
    const end = Math.min(range.end ?? file.size, file.size);
    if (start >= end) return;
    const cached = this.#options.cached?.get(path);
    if (cached) yield new Uint8Array(cached.subarray(start, end));
    else yield* this.#verified(file, start, end);
  }

  async bytes(path: string): Promise<Uint8Array> {
    const file = this.#file(path);
    const cached = this.#options.cached?.get(path);
    if (cached) return new Uint8Array(cached);
    const bytes = new Uint8Array(file.size);
    let offset = 0;
    for await (const piece of this.stream(path)) {
      bytes.set(piece, offset);
      offset += piece.length;
    }
    return bytes;
  }

  async text(path: string): Promise<string> {
    const file = this.#file(path);
    if (file.size > longestText) throw this.#tooLong(file);
    const bytes = this.#options.cached?.get(path) ?? (await this.bytes(path));
    if (!isUtf8(bytes)) throw this.#notText(file);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
  }

  directory(): Promise<string> {
    this.#directory ??= this.#writeDirectory();
    return this.#directory;
  }

  async #writeDirectory(): Promise<string> {
    const root = await this.#options.scratch.subdirectory();
    for (const { path } of this.files) {
      const target = join(root, path);
      await mkdir(dirname(target), { recursive: true });
      await pipeline(this.stream(path), createWriteStream(target, { flags: "wx", mode: 0o444 }));
    }
    return root;
  }

  #verified(file: ManifestFile, start: number, end: number): AsyncIterable<Uint8Array> {
    const { store, location, manifest } = this.#options;
    const key = fileKey(location, file.path);
    const signal = this.signal;
    return verifiedChunks({
      file,
      chunkBytes: manifest.chunkBytes,
      uri: store.uri(key),
      start,
      end,
      read: (range) => store.read(key, { ...(range && { range }), ...(signal && { signal }) }),
    });
  }

  #file(path: string): ManifestFile {
    const file = this.files.find((candidate) => candidate.path === path);
    if (file) return file;
    throw new TenonError("MATERIALIZER_FAILED", {
      doing: `reading the file '${path}' of ${this.#options.store.uri(this.#options.location)}`,
      found: `the artifact has no such file; it has ${
        this.files
          .map((known) => known.path)
          .slice(0, 10)
          .join(", ") || "none"
      }`,
      fix: `Load it with a materializer that reads the format '${this.format}'.`,
    });
  }

  #tooLong(file: ManifestFile): TenonError {
    return new TenonError("MATERIALIZER_FAILED", {
      doing: `reading '${file.path}' of ${this.#options.store.uri(this.#options.location)} as text`,
      found: `it has ${file.size} bytes, and no JavaScript string is longer than ${longestText} characters`,
      fix: "Read it as a stream, or store the value in a type that is read piece by piece, as table, bytes or byteStream.",
    });
  }

  #notText(file: ManifestFile): TenonError {
    return new TenonError("MATERIALIZER_FAILED", {
      doing: `reading '${file.path}' of ${this.#options.store.uri(this.#options.location)} as text`,
      found: "its bytes are not UTF-8",
      fix: "Read it as bytes.",
    });
  }
}
