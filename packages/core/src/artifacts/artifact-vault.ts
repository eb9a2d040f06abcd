import type { ArtifactStore } from "../contracts/artifact-store.js";
import type { ArtifactReader } from "../contracts/materializer.js";
import { TenonError } from "../errors.js";
import type { MaterializerSource } from "./materializer-source.js";
import type {
  EncodedArtifact,
  EncodeOptions,
  LoadOptions,
  SavedArtifact,
  SaveOptions,
  StoredArtifact,
} from "./saved-artifact.js";

export interface ArtifactVaultOptions {
  readonly store: ArtifactStore;
  readonly materializers: MaterializerSource;
  /** The key prefix of everything that it writes: `<ledger id>/<project>`. */
  readonly root: string;
  /** Where temporary files go; by default the system's directory for them. */
  readonly temporaryDirectory?: string;
}

/** Values in, verified values out, over any artifact store. */
export class ArtifactVault {
  constructor(_options: ArtifactVaultOptions) {}

  /** A fresh key prefix for an artifact of this name: `<root>/artifacts/<name>/<ulid>`. */
  location(_artifactName: string): string {
    throw pending();
  }
  /** The digest of a value without storing it. */
  async encode(_value: unknown, _options: EncodeOptions = {}): Promise<EncodedArtifact> {
    throw pending();
  }
  async save(_value: unknown, _options: SaveOptions): Promise<SavedArtifact> {
    throw pending();
  }
  /** A list, for the results of a map. */
  async load(_artifact: StoredArtifact, _options: LoadOptions = {}): Promise<unknown> {
    throw pending();
  }
  async reader(_artifact: StoredArtifact, _options: LoadOptions = {}): Promise<ArtifactReader> {
    throw pending();
  }
  /** Whether its manifest is there: one request, no reading. */
  async exists(_artifact: StoredArtifact): Promise<boolean> {
    throw pending();
  }
  async existsMany(_artifacts: readonly StoredArtifact[]): Promise<boolean[]> {
    throw pending();
  }
  /** Deletes what lies under a location; to be called only for what no record names. */
  async discard(_location: string): Promise<void> {
    throw pending();
  }
  async visualization(_artifact: StoredArtifact, _name: string): Promise<Uint8Array> {
    throw pending();
  }
  async dispose(): Promise<void> {}
}

function pending(): TenonError {
  return new TenonError("INTERNAL", { doing: "using the artifact vault", found: "it is not written yet" });
}
