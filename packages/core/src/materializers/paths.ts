import { basename, resolve } from "node:path";

const fileBrand = Symbol.for("tenon.fileArtifact");
const directoryBrand = Symbol.for("tenon.directoryArtifact");

/** A file on this machine, to be stored or loaded as an artifact. */
export class FileArtifact {
  /** Absolute. What was loaded is read-only, and stays until the step or program that loaded it ends. */
  readonly path: string;
  /** Part of the artifact's content; by default the last segment of the path. */
  readonly name: string;

  constructor(path: string, name: string) {
    this.path = path;
    this.name = name;
    Object.defineProperty(this, fileBrand, { value: true });
  }
}

/** A directory on this machine, to be stored or loaded as an artifact. */
export class DirectoryArtifact {
  /** Absolute. What was loaded is read-only, and stays until the step or program that loaded it ends. */
  readonly path: string;

  constructor(path: string) {
    this.path = path;
    Object.defineProperty(this, directoryBrand, { value: true });
  }
}

/** @example return fileArtifact("out/model.onnx"); */
export function fileArtifact(path: string, { name = basename(path) }: { readonly name?: string } = {}): FileArtifact {
  return new FileArtifact(resolve(path), name);
}

/** @example return directoryArtifact("out/checkpoints"); */
export function directoryArtifact(path: string): DirectoryArtifact {
  return new DirectoryArtifact(resolve(path));
}

export function isFileArtifact(value: unknown): value is FileArtifact {
  return typeof value === "object" && value !== null && fileBrand in value;
}

export function isDirectoryArtifact(value: unknown): value is DirectoryArtifact {
  return typeof value === "object" && value !== null && directoryBrand in value;
}
