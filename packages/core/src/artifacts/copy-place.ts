import { buffer } from "node:stream/consumers";
import type { ArtifactStore } from "../contracts/artifact-store.js";
import { TenonError } from "../errors.js";
import { inParallel } from "./in-parallel.js";
import { listAll } from "./list-all.js";
import { decodeHead, fileKey, headKey, type Manifest } from "./manifest.js";
import { verifiedChunks } from "./verified-chunks.js";

export interface PlaceCopy {
  readonly source: ArtifactStore;
  readonly target: ArtifactStore;
  /** Locations in the two. */
  readonly from: string;
  readonly to: string;
  /** As it is recorded. */
  readonly digest: string;
  /** Read back what the target has, be it copied now or before; what is damaged there is copied again. */
  readonly verify?: boolean;
  readonly signal?: AbortSignal;
  /** Told of the bytes as they are copied. */
  onBytes?(bytes: number): void;
}

const filesAtOnce = 4;

/**
 * Copies what lies at a location into another store, each byte verified as it is read. The head comes last, so that
 * a copy that breaks off is known for what it is; one that is complete is not made again: then it returns false.
 *
 * @throws `ARTIFACT_MISSING`, `ARTIFACT_CORRUPT` naming the file
 */
export async function copyPlace(copy: PlaceCopy): Promise<boolean> {
  const { source, target, from, to, digest, verify = false, signal } = copy;
  const options = signal ? { signal } : {};
  const bytes = await buffer(source.read(headKey(from), options));
  const { manifest, files } = decodeHead(bytes, digest, source.uri(from));
  const beside = files ? [] : manifest.files;
  const known = await target.stat(headKey(to), options);
  const alike = known !== undefined && (await buffer(target.read(headKey(to), options))).equals(bytes);
  const complete = alike && (!verify || (await isSound(copy, manifest, beside)));
  if (!complete) {
    const copied = new Set(beside.map((file) => fileKey(from, file.path)));
    await inParallel(beside, filesAtOnce, async (file) => {
      const read = verified(source, from, manifest, file, signal);
      await target.write(fileKey(to, file.path), counted(read, copy), options);
    });
    for await (const { key } of listAll(source, `${from}/`, signal)) {
      if (!copied.has(key)) await target.write(to + key.slice(from.length), source.read(key, options), options);
    }
    await target.write(headKey(to), bytes, options);
    for (const body of files?.values() ?? []) copy.onBytes?.(body.length);
  }
  if (verify && !complete) await readBack(copy, manifest, beside);
  return !complete;
}

/** @throws `ARTIFACT_CORRUPT`, `ARTIFACT_MISSING` */
async function readBack(
  { target, to, digest, signal }: PlaceCopy,
  manifest: Manifest,
  beside: Manifest["files"],
): Promise<void> {
  decodeHead(await buffer(target.read(headKey(to), signal ? { signal } : {})), digest, target.uri(to));
  await inParallel(beside, filesAtOnce, async (file) => {
    for await (const _ of verified(target, to, manifest, file, signal)) signal?.throwIfAborted();
  });
}

/** False if it has to be copied again. */
async function isSound(copy: PlaceCopy, manifest: Manifest, beside: Manifest["files"]): Promise<boolean> {
  try {
    await readBack(copy, manifest, beside);
    return true;
  } catch (error) {
    if (TenonError.is(error, "ARTIFACT_CORRUPT") || TenonError.is(error, "ARTIFACT_MISSING")) return false;
    throw error;
  }
}

function verified(
  store: ArtifactStore,
  location: string,
  { chunkBytes }: Manifest,
  file: Manifest["files"][number],
  signal: AbortSignal | undefined,
): AsyncIterable<Uint8Array> {
  const key = fileKey(location, file.path);
  return verifiedChunks({
    file,
    chunkBytes,
    uri: store.uri(key),
    start: 0,
    end: file.size,
    read: (range) => store.read(key, { ...(range && { range }), ...(signal && { signal }) }),
  });
}

async function* counted(pieces: AsyncIterable<Uint8Array>, { onBytes }: PlaceCopy): AsyncIterable<Uint8Array> {
  for await (const piece of pieces) {
    yield piece;
    onBytes?.(piece.length);
  }
}
