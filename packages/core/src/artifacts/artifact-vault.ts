import { maximumKeyBytes } from "../contracts/artifact-key.js";
import type { ArtifactStore } from "../contracts/artifact-store.js";
import type { ArtifactType } from "../contracts/artifact-type.js";
import type { ArtifactReader } from "../contracts/materializer.js";
import { TenonError } from "../errors.js";
import { ByteCache } from "./byte-cache.js";
import { DigestingWriter } from "./digesting-writer.js";
import { checkSchema, describeValue, saveFiles } from "./encoding.js";
import { type FileSink, SpoolSink, StoreSink } from "./file-sink.js";
import { inParallel } from "./in-parallel.js";
import { listAll } from "./list-all.js";
import { freshLocation } from "./location.js";
import {
  decodeHead,
  type EncodedManifest,
  encodeHead,
  encodeManifest,
  type Head,
  headKey,
  locationOfKey,
  longestLocation,
  type Manifest,
  visualizationKey,
} from "./manifest.js";
import type { FoundMaterializer, MaterializerSource } from "./materializer-source.js";
import type {
  EncodedArtifact,
  EncodeOptions,
  LoadOptions,
  SavedArtifact,
  SaveOptions,
  StoredArtifact,
} from "./saved-artifact.js";
import { ScratchDirectory } from "./scratch-directory.js";
import { VerifiedReader } from "./verified-reader.js";

const smallArtifactBytes = 256 * 1024;
const inHeadBytesByDefault = 64 * 1024;
const cacheBytes = 32 * 1024 * 1024;
const requestsAtOnce = 32;
const elementsAtOnce = 8;

export interface ArtifactVaultOptions {
  readonly store: ArtifactStore;
  readonly materializers: MaterializerSource;
  /** The key prefix of everything that it writes: `<ledger id>/<project>`. */
  readonly root: string;
  /** Where temporary files go; by default the system's directory for them. */
  readonly temporaryDirectory?: string;
  /** The files of an artifact that is not larger lie in one object with its manifest; by default 64 KiB, 0 for none. */
  readonly inHeadBytes?: number;
}

/** Values in, verified values out, over any artifact store. */
export class ArtifactVault {
  readonly #store: ArtifactStore;
  readonly #materializers: MaterializerSource;
  readonly #root: string;
  readonly #scratch: ScratchDirectory;
  readonly #cache = new ByteCache(cacheBytes);
  readonly #inHeadBytes: number;

  constructor({
    store,
    materializers,
    root,
    temporaryDirectory,
    inHeadBytes = inHeadBytesByDefault,
  }: ArtifactVaultOptions) {
    this.#inHeadBytes = inHeadBytes;
    this.#store = store;
    this.#materializers = materializers;
    this.#root = root;
    this.#scratch = new ScratchDirectory(temporaryDirectory);
  }

  /** A fresh key prefix for an artifact of this name. */
  location(artifactName: string): string {
    return freshLocation(this.#root, artifactName);
  }

  /** A value in the form of its files, with the digest, before it is known where or whether it will be stored. */
  async encode(value: unknown, options: EncodeOptions = {}): Promise<EncodedArtifact> {
    const scratch = new ScratchDirectory(this.#scratch.parent);
    const sink = new SpoolSink(scratch);
    try {
      const { encoded, described, found } = await this.#encode(value, options, sink);
      const facts = { ...described.facts, ...factsOf(found, encoded) };
      return {
        ...facts,
        store: async (location, { signal } = {}) => {
          this.#assertLocation(location);
          const stored = new StoreSink(this.#store, location, signal, this.#inHeadBytes);
          await this.#orDiscard(location, async () => {
            for (const [path, body] of sink.files) await stored.put(path, body);
            await this.#complete(location, encodeHead(encoded, stored.held), described.bodies, signal);
          });
          return { ...facts, location, uri: this.#store.uri(location) };
        },
        dispose: () => scratch.dispose(),
      };
    } catch (error) {
      await scratch.dispose();
      throw error;
    }
  }

  /**
   * Stores a value under a fresh location. What fails, or is cancelled, leaves nothing there.
   * @throws `OUTPUT_INVALID` if the value does not fit the schema, `MATERIALIZER_MISSING`, `MATERIALIZER_FAILED`, and
   * what the store throws
   */
  async save(value: unknown, options: SaveOptions): Promise<SavedArtifact> {
    const { location, signal } = options;
    this.#assertLocation(location);
    return this.#orDiscard(location, async () => {
      const sink = new StoreSink(this.#store, location, signal, this.#inHeadBytes);
      const { encoded, described, found } = await this.#encode(value, options, sink);
      await this.#complete(location, encodeHead(encoded, sink.held), described.bodies, signal);
      return { ...described.facts, ...factsOf(found, encoded), location, uri: this.#store.uri(location) };
    });
  }

  /**
   * The value of an artifact; a list, for the results of a map.
   * @throws `ARTIFACT_MISSING`, `ARTIFACT_CORRUPT`, `ARTIFACT_FORMAT_UNREADABLE`, `MATERIALIZER_FAILED`
   */
  async load(artifact: StoredArtifact, options: LoadOptions = {}): Promise<unknown> {
    if (artifact.elements)
      return inParallel(artifact.elements, elementsAtOnce, (element) => this.load(element, options));
    const type = typeName(options.as) ?? artifact.type;
    const { materializer, id } = await this.#materializers.forType(type, { format: artifact.format });
    if (!materializer.reads.includes(artifact.format)) {
      throw new TenonError("ARTIFACT_FORMAT_UNREADABLE", {
        doing: `loading ${this.#store.uri(artifact.location)} as ${type}`,
        found: `it is of format '${artifact.format}', and ${id} reads ${materializer.reads.join(", ")}`,
        fix: `Load it as ${artifact.type}.`,
      });
    }
    const files = await this.reader(artifact, options);
    try {
      return await materializer.load(files);
    } catch (error) {
      throw materializerError(error, id, `loading ${this.#store.uri(artifact.location)}`, options.signal);
    }
  }

  /** The verified files of an artifact that is not a collection. */
  async reader(
    artifact: StoredArtifact,
    { signal, scratch = this.#scratch }: LoadOptions = {},
  ): Promise<ArtifactReader> {
    signal?.throwIfAborted();
    const { location, format, digest } = artifact;
    let known = this.#cache.get(digest);
    if (!known) {
      const { manifest, files } = await this.#head(location, digest, signal);
      known = files ? { manifest, files } : await this.#small(location, manifest, signal);
      if (known) this.#cache.set(digest, known);
      else return this.#open({ location, format, manifest, cached: undefined, scratch, signal });
    }
    return this.#open({ location, format, manifest: known.manifest, cached: known.files, scratch, signal });
  }

  /** Whether its head is there: one request, no reading. A collection is there if all its elements are. */
  async exists(artifact: Pick<StoredArtifact, "location" | "elements">): Promise<boolean> {
    if (artifact.elements) return (await this.existsMany(artifact.elements)).every(Boolean);
    return (await this.#store.stat(headKey(artifact.location))) !== undefined;
  }

  async existsMany(artifacts: readonly Pick<StoredArtifact, "location" | "elements">[]): Promise<boolean[]> {
    return inParallel(artifacts, requestsAtOnce, (artifact) => this.exists(artifact));
  }

  /**
   * Deletes what lies at a location; to be called only for what no record names. What tells that it is complete goes
   * first, so that nobody takes the rest for the whole.
   */
  async discard(location: string): Promise<void> {
    await this.#store.delete(headKey(location));
    for (let after: string | undefined; ; ) {
      const page = await this.#store.list(`${location}/`, after === undefined ? {} : { after });
      await inParallel(page.entries, requestsAtOnce, ({ key }) => this.#store.delete(key));
      after = page.next;
      if (after === undefined) return;
    }
  }

  /** Every location that holds anything, with the bytes of all that lies there. */
  async *places(): AsyncIterable<{ readonly location: string; readonly size: number }> {
    const prefix = `${this.#root}/artifacts/`;
    let place: { location: string; size: number } | undefined;
    for await (const { key, size } of listAll(this.#store, prefix)) {
      const location = prefix + locationOfKey(key.slice(prefix.length));
      if (place && place.location !== location) yield place;
      if (place?.location === location) place.size += size;
      else place = { location, size };
    }
    if (place) yield place;
  }

  /** The same for the code of runs that was packed for other machines. */
  async *bundles(): AsyncIterable<{ readonly location: string; readonly size: number }> {
    for await (const { key, size } of listAll(this.#store, `${this.#root}/code/`)) {
      yield { location: key.slice(0, key.lastIndexOf("/")), size };
    }
  }

  /** @throws `ARTIFACT_UNKNOWN` if the artifact has no visualization of that name, `ARTIFACT_MISSING` if it is gone */
  async visualization(
    artifact: Pick<StoredArtifact, "location"> & Partial<Pick<SavedArtifact, "visualizations">>,
    name: string,
  ): Promise<Uint8Array> {
    const names = artifact.visualizations?.map((entry) => entry.name);
    if (names && !names.includes(name)) {
      throw new TenonError("ARTIFACT_UNKNOWN", {
        doing: `reading the visualization '${name}' of ${this.#store.uri(artifact.location)}`,
        found: names.length > 0 ? `it has ${names.join(", ")}` : "it has none",
      });
    }
    return this.#whole(visualizationKey(artifact.location, name), undefined);
  }

  /** Deletes temporary files, those of `directory()` included. */
  async dispose(): Promise<void> {
    await this.#scratch.dispose();
  }

  async #encode(value: unknown, options: EncodeOptions, sink: FileSink) {
    options.signal?.throwIfAborted();
    await checkSchema(value, options);
    const type = typeName(options.type);
    const found = await (type === undefined ? this.#materializers.forValue(value) : this.#materializers.forType(type));
    const writer = new DigestingWriter(sink, options.signal, smallArtifactBytes);
    try {
      await saveFiles(found.materializer, value, writer);
      const described = await describeValue(found.materializer, value, options);
      const encoded = encodeManifest(writer.files);
      if (writer.small) this.#cache.set(encoded.digest, { manifest: encoded.manifest, files: writer.small });
      return { encoded, described, found };
    } catch (error) {
      throw materializerError(error, found.id, "saving a value", options.signal);
    }
  }

  /** The head comes last: what has one is complete. */
  async #complete(
    location: string,
    head: Uint8Array,
    visualizations: readonly { readonly name: string; readonly body: Uint8Array }[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const options = signal ? { signal } : {};
    for (const { name, body } of visualizations) {
      await this.#store.write(visualizationKey(location, name), body, options);
    }
    await this.#store.write(headKey(location), head, options);
  }

  async #orDiscard<T>(location: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      // What cannot be removed now is garbage that no record names.
      await this.discard(location).catch(() => undefined);
      throw error;
    }
  }

  async #head(location: string, digest: string, signal: AbortSignal | undefined): Promise<Head> {
    return decodeHead(await this.#whole(headKey(location), signal), digest, this.#store.uri(location));
  }

  /** Reads a small artifact whole, so that the next one who wants it finds it in memory. */
  async #small(location: string, manifest: Manifest, signal: AbortSignal | undefined) {
    if (manifest.files.length > 4) return undefined;
    if (manifest.files.reduce((sum, file) => sum + file.size, 0) > smallArtifactBytes) return undefined;
    const reader = this.#open({ location, format: "", manifest, cached: undefined, scratch: this.#scratch, signal });
    const files = new Map<string, Uint8Array>();
    for (const { path } of manifest.files) files.set(path, await reader.bytes(path));
    return { manifest, files };
  }

  async #whole(key: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this.#store.read(key, signal ? { signal } : {})) pieces.push(piece);
    return pieces.length === 1 ? (pieces[0] as Uint8Array) : new Uint8Array(Buffer.concat(pieces));
  }

  #open(options: Omit<ConstructorParameters<typeof VerifiedReader>[0], "store">): VerifiedReader {
    return new VerifiedReader({ store: this.#store, ...options });
  }

  #assertLocation(location: string): void {
    if (location.startsWith(`${this.#root}/`) && Buffer.byteLength(location) <= longestLocation) return;
    throw new TenonError("INTERNAL", {
      doing: `storing an artifact under '${location}'`,
      found: `that is not a key prefix under '${this.#root}/' of at most ${longestLocation} of ${maximumKeyBytes} bytes`,
      fix: "Take the location from vault.location(artifactName).",
    });
  }
}

function factsOf({ id, materializer }: FoundMaterializer, { digest, manifest }: EncodedManifest) {
  return {
    type: materializer.type.name,
    materializer: id,
    format: materializer.format,
    size: manifest.files.reduce((sum, file) => sum + file.size, 0),
    digest,
  };
}

function typeName(type: string | ArtifactType<unknown> | undefined): string | undefined {
  return typeof type === "object" ? type.name : type;
}

/** Tenon's own errors and a cancellation say what happened themselves. */
function materializerError(error: unknown, id: string, doing: string, signal: AbortSignal | undefined): unknown {
  if (TenonError.is(error) || (signal?.aborted && error === signal.reason)) return error;
  const found = error instanceof Error ? error.message : String(error);
  return new TenonError("MATERIALIZER_FAILED", {
    doing: `${doing} with the materializer ${id}`,
    found: `it failed: ${found.replace(/\.$/, "")}`,
    cause: error,
  });
}
