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

export interface EncodedManifest {
  readonly manifest: Manifest;
  readonly bytes: Uint8Array;
  /** `sha256:…` */
  readonly digest: string;
}

export function encodeManifest(files: readonly ManifestFile[]): EncodedManifest {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  const manifest: Manifest = { chunkBytes, files: sorted, version: 1 };
  const bytes = Buffer.from(canonicalJsonText(manifest));
  return { manifest, bytes, digest: sha256(bytes) };
}

/** @throws `ARTIFACT_CORRUPT` unless the bytes have the digest. */
export function decodeManifest(bytes: Uint8Array, digest: string, uri: string): Manifest {
  const found = sha256(bytes);
  if (found !== digest) {
    throw new TenonError("ARTIFACT_CORRUPT", {
      doing: `reading the manifest of ${uri}`,
      found: `its digest is ${found}, recorded is ${digest}`,
      fix: "Run the step that made the artifact again, with its cache off, or restore the store from a backup.",
    });
  }
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
const reserved = /^(manifest\.json|visualizations|hashed)(\/|$)/;

export const manifestKey = (location: string): string => `${location}/manifest.json`;
export const visualizationKey = (location: string, name: string): string => `${location}/visualizations/${name}`;

export function fileKey(location: string, path: string): string {
  const isPlain = !reserved.test(path) && Buffer.byteLength(path) <= longestPlainPath && keyFault(path) === undefined;
  return `${location}/${isPlain ? path : `hashed/${hash("sha256", path)}`}`;
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
