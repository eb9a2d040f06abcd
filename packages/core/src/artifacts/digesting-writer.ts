import type { Body } from "../contracts/artifact-store.js";
import type { ArtifactWriter } from "../contracts/materializer.js";
import { TenonError } from "../errors.js";
import { digestSmallFile, FileDigest } from "./file-digest.js";
import type { FileSink } from "./file-sink.js";
import { assertPath, chunkBytes, type ManifestFile } from "./manifest.js";

const pieceCharacters = 1 << 20;

/** What a materializer saves to: digests every file on its way into a sink. */
export class DigestingWriter implements ArtifactWriter {
  readonly signal: AbortSignal | undefined;
  readonly files: ManifestFile[] = [];
  /** Copies of the files, as long as all of them are small. */
  small: Map<string, Uint8Array> | undefined = new Map();
  readonly #sink: FileSink;
  readonly #smallBytes: number;
  readonly #paths = new Set<string>();
  #size = 0;
  #open = 0;

  constructor(sink: FileSink, signal: AbortSignal | undefined, smallBytes: number) {
    this.#sink = sink;
    this.signal = signal;
    this.#smallBytes = smallBytes;
  }

  get size(): number {
    return this.#size;
  }

  /** Writes that were started and not awaited. */
  get unfinished(): number {
    return this.#open;
  }

  async write(path: string, body: Body | string): Promise<void> {
    this.signal?.throwIfAborted();
    assertPath(path);
    if (this.#paths.has(path)) throw writtenTwice(path);
    this.#paths.add(path);
    this.#open += 1;
    try {
      const entry =
        typeof body === "string" && body.length <= pieceCharacters
          ? await this.#writeSmall(path, Buffer.from(body), true)
          : body instanceof Uint8Array && body.length <= chunkBytes
            ? await this.#writeSmall(path, body, false)
            : await this.#stream(path, pieces(body));
      this.files.push(entry);
      this.#size += entry.size;
    } finally {
      this.#open -= 1;
    }
  }

  async #writeSmall(path: string, bytes: Uint8Array, own: boolean): Promise<ManifestFile> {
    const entry = digestSmallFile(path, bytes);
    if (this.#size + bytes.length > this.#smallBytes) this.small = undefined;
    this.small?.set(path, own ? bytes : new Uint8Array(bytes));
    await this.#sink.put(path, bytes);
    return entry;
  }

  async #stream(path: string, body: AsyncIterable<Uint8Array>): Promise<ManifestFile> {
    this.small = undefined;
    const digest = new FileDigest(path);
    await this.#sink.put(path, digest.through(body));
    return digest.finish();
  }
}

async function* pieces(body: Body | string): AsyncIterable<Uint8Array> {
  if (typeof body === "string") {
    for (let start = 0; start < body.length; ) {
      let end = Math.min(start + pieceCharacters, body.length);
      const last = body.charCodeAt(end - 1);
      if (end < body.length && last >= 0xd800 && last < 0xdc00) end += 1;
      yield Buffer.from(body.slice(start, end));
      start = end;
    }
  } else if (body instanceof Uint8Array) {
    for (let start = 0; start < body.length; start += chunkBytes) yield body.subarray(start, start + chunkBytes);
  } else {
    for await (const piece of body) {
      if (!(piece instanceof Uint8Array)) throw notBytes(piece);
      if (piece.length > 0) yield piece;
    }
  }
}

function writtenTwice(path: string): TenonError {
  return new TenonError("MATERIALIZER_FAILED", {
    doing: `writing the file '${path}' of an artifact`,
    found: "the materializer has written it before",
    fix: "A materializer writes each path once.",
  });
}

function notBytes(piece: unknown): TenonError {
  return new TenonError("MATERIALIZER_FAILED", {
    doing: "writing a stream into an artifact",
    found: `one of its pieces is of type ${typeof piece}, not a Uint8Array`,
    fix: "Encode text as bytes: Buffer.from(text).",
  });
}
