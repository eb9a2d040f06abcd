import { hash } from "node:crypto";
import { keyFault, maximumKeyBytes } from "../contracts/artifact-key.js";
import { TenonError } from "../errors.js";
import { canonicalJsonText } from "../materializers/canonical-json.js";

/** Files are verified in chunks of so many bytes; part of the format, since digests depend on it. */
export const chunkBytes = 4 * 1024 * 1024;

export interface ManifestFile {
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /**
   * `sha256:…` of the file; for one that is longer than a chunk `sha256-chunks:…`, the SHA-256 of its chunks' digests: thus
   * every byte is digested once, and chunks can be digested side by side.
   */
  readonly digest: string;
  /** `sha256:…` of each chunk; absent if the file is not longer than one. */
  readonly chunks?: readonly string[];
}

/** What an artifact consists of. Its canonical bytes are what an artifact's digest is a digest of. */
export interface Manifest {
  readonly chunkBytes: number;
  /** In the order of their paths. */
  readonly files: readonly ManifestFile[];
  readonly version: 1;
}

const newline = Buffer.from("\n");

export interface EncodedManifest {
  readonly manifest: Manifest;
  readonly bytes: Uint8Array;
  /** `sha256:…` */
  readonly digest: string;
}

/** What an artifact's head object holds. */
export interface Head {
  readonly manifest: Manifest;
  /** The bytes of all files, by path, of an artifact that lies in its head as a whole. */
  readonly files: ReadonlyMap<string, Uint8Array> | undefined;
}

export function encodeManifest(files: readonly ManifestFile[]): EncodedManifest {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  const manifest: Manifest = { chunkBytes, files: sorted, version: 1 };
  const bytes = Buffer.from(manifestText(manifest));
  return { manifest, bytes, digest: sha256(bytes) };
}

/** The canonical JSON of a manifest, written straight down where nothing has to be sorted. */
function manifestText(manifest: Manifest): string {
  const [file, ...others] = manifest.files;
  if (!file || others.length > 0 || file.chunks || !/^[\w.-]+$/.test(file.path)) return canonicalJsonText(manifest);
  const { path, size, digest } = file;
  const only = `{"digest":"${digest}","path":"${path}","size":${size}}`;
  return `{"chunkBytes":${manifest.chunkBytes},"files":[${only}],"version":${manifest.version}}`;
}

/** The manifest, a line of its own, and the bytes of the files behind it if they do not lie beside it. */
export function encodeHead({ manifest, bytes }: EncodedManifest, files?: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const bodies = files ? manifest.files.map(({ path }) => files.get(path) as Uint8Array) : [];
  return Buffer.concat([bytes, newline, ...bodies]);
}

/** @throws `ARTIFACT_CORRUPT` unless the manifest has the digest, and what is behind it the manifest's digests. */
export function decodeHead(bytes: Uint8Array, digest: string, uri: string): Head {
  const end = bytes.indexOf(newline[0] as number);
  const manifest = decodeManifest(bytes.subarray(0, Math.max(end, 0)), digest, uri);
  const bodies = bytes.subarray(end + 1);
  const size = manifest.files.reduce((sum, file) => sum + file.size, 0);
  if (bodies.length === 0 && size > 0) return { manifest, files: undefined };
  if (bodies.length !== size) throw corrupt(uri, `it holds ${bodies.length} bytes of files, recorded are ${size}`);
  const files = new Map<string, Uint8Array>();
  let offset = 0;
  for (const { path, size, digest: recorded } of manifest.files) {
    const body = bodies.subarray(offset, offset + size);
    const found = sha256(body);
    if (found !== recorded) throw corrupt(uri, `the digest of '${path}' is ${found}, recorded is ${recorded}`, path);
    files.set(path, body);
    offset += size;
  }
  return { manifest, files };
}

function decodeManifest(bytes: Uint8Array, digest: string, uri: string): Manifest {
  const found = sha256(bytes);
  if (found !== digest) throw corrupt(uri, `the digest of its manifest is ${found}, recorded is ${digest}`);
  const manifest = JSON.parse(Buffer.from(bytes).toString()) as Manifest;
  if (manifest.version !== 1) {
    throw new TenonError("STORE_TOO_NEW", {
      doing: `reading the manifest of ${uri}`,
      found: `its version is ${String(manifest.version)}, this version of Tenon knows 1`,
      fix: "Read it with the version of @tenon/core that wrote it.",
    });
  }
  for (const { path } of manifest.files) assertPath(path);
  return manifest;
}

function corrupt(uri: string, found: string, file?: string): TenonError {
  return new TenonError("ARTIFACT_CORRUPT", {
    doing: `reading ${file === undefined ? uri : `'${file}' from ${uri}`}`,
    found,
    fix: "Run the step that made the artifact again, with its cache off, or restore the store from a backup.",
    ...(file !== undefined && { details: { file } }),
  });
}

/** @throws `KEY_INVALID` for a path that could lead out of the artifact. */
export function assertPath(path: string): void {
  const segments = path.split("/");
  const fault = segments.some((segment) => segment === "" || segment === "." || segment === "..")
    ? "one of its segments is empty, '.' or '..'"
    : path.includes("\0") || /\p{Surrogate}/u.test(path)
      ? "it has a character that no file name can have"
      : process.platform === "win32" && /[\\:]/.test(path)
        ? "it has a backslash or a colon in it"
        : undefined;
  if (fault === undefined) return;
  throw new TenonError("KEY_INVALID", {
    doing: `naming the file ${JSON.stringify(path)} of an artifact`,
    found: fault,
    fix: "Use a relative path with '/' between its segments.",
  });
}

/** Longer paths, and those that no key can have, lie under the digest of the path; this depends on nothing but the path. */
const longestPlainPath = 400;
/** What lies beside the files. */
const reserved = /^(visualizations|hashed)(\/|$)/;
const headSuffix = ".artifact";

/** The object that tells an artifact: what has one is complete. */
export const headKey = (location: string): string => `${location}${headSuffix}`;
export const visualizationKey = (location: string, name: string): string => `${location}/visualizations/${name}`;

export function fileKey(location: string, path: string): string {
  const isPlain = !reserved.test(path) && Buffer.byteLength(path) <= longestPlainPath && keyFault(path) === undefined;
  return `${location}/${isPlain ? path : `hashed/${hash("sha256", path)}`}`;
}

/** The location whose object a key is, relative to the place of all artifacts. */
export function locationOfKey(key: string): string {
  const [shard, name = "", beside] = key.split("/", 3);
  return `${shard}/${beside === undefined && name.endsWith(headSuffix) ? name.slice(0, -headSuffix.length) : name}`;
}

/** What is left for a location. */
export const longestLocation = maximumKeyBytes - longestPlainPath - "/".length;

/** The entry of a file longer than a chunk. */
export function chunkedFile(path: string, size: number, chunks: readonly string[]): ManifestFile {
  return { path, size, digest: `sha256-chunks:${hash("sha256", chunks.join("\n"))}`, chunks };
}

export function sha256(bytes: Uint8Array | string): string {
  return `sha256:${hash("sha256", bytes)}`;
}
