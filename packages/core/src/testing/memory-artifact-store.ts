import { assertKey } from "../contracts/artifact-key.js";
import type {
  ArtifactStore,
  Body,
  ListOptions,
  ObjectEntry,
  ObjectPage,
  ReadOptions,
  WriteOptions,
} from "../contracts/artifact-store.js";
import { bodyPieces, collectBody } from "../contracts/body.js";
import { compareKeys } from "../contracts/byte-order.js";
import { TenonError } from "../errors.js";

/** An artifact store in the memory of this process, for tests. */
export class MemoryArtifactStore implements ArtifactStore {
  /** What is stored; tests may alter it, as somebody would behind Tenon's back. */
  readonly objects: Map<string, Uint8Array>;

  /** Two stores with one map see each other's objects. */
  constructor(objects: Map<string, Uint8Array> = new Map()) {
    this.objects = objects;
  }

  async write(key: string, body: Body, { ifAbsent = false, signal }: WriteOptions = {}): Promise<boolean> {
    assertKey(key);
    const bytes = await collectBody(body, signal);
    signal?.throwIfAborted();
    if (ifAbsent && this.objects.has(key)) return false;
    this.objects.set(key, bytes);
    return true;
  }

  async *read(key: string, { range, signal }: ReadOptions = {}): AsyncIterable<Uint8Array> {
    assertKey(key);
    signal?.throwIfAborted();
    const bytes = this.objects.get(key);
    if (!bytes) {
      throw new TenonError("ARTIFACT_MISSING", {
        doing: `reading ${this.uri(key)}`,
        found: "there is no such object",
      });
    }
    yield* bodyPieces(bytes, range, signal);
  }

  async stat(key: string, { signal }: { signal?: AbortSignal } = {}): Promise<ObjectEntry | undefined> {
    assertKey(key);
    signal?.throwIfAborted();
    const bytes = this.objects.get(key);
    return bytes && { key, size: bytes.length };
  }

  async list(prefix: string, { after, limit = 1000, signal }: ListOptions = {}): Promise<ObjectPage> {
    signal?.throwIfAborted();
    const keys = [...this.objects.keys()]
      .filter((key) => key.startsWith(prefix) && (after === undefined || compareKeys(key, after) > 0))
      .sort(compareKeys);
    const entries = keys.slice(0, limit).map((key) => ({ key, size: this.objects.get(key)?.length ?? 0 }));
    const last = entries.at(-1);
    return keys.length > entries.length && last ? { entries, next: last.key } : { entries };
  }

  async delete(key: string, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    assertKey(key);
    signal?.throwIfAborted();
    this.objects.delete(key);
  }

  uri(key: string): string {
    return `memory:${key}`;
  }
}
