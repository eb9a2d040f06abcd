import type { ArtifactType } from "../contracts/artifact-type.js";
import type { JsonValue } from "../contracts/json.js";
import type { Visualization } from "../contracts/materializer.js";
import type { Schema } from "../contracts/schema.js";
import type { ElementRecord } from "../ledger/records.js";
import type { ScratchDirectory } from "./scratch-directory.js";

/** What a saved artifact brings along into its record. */
export interface SavedArtifact {
  /** The key prefix of its objects, the vault's root included. */
  readonly location: string;
  readonly uri: string;
  /** The artifact type's name. */
  readonly type: string;
  /** `integration:type`, as `core:json`. */
  readonly materializer: string;
  readonly format: string;
  /** In bytes, visualizations not counted. */
  readonly size: number;
  /** `sha256:…` of the canonical manifest: equal files have equal digests wherever they lie. */
  readonly digest: string;
  readonly metadata: Readonly<Record<string, JsonValue>>;
  readonly visualizations: readonly VisualizationEntry[];
}

export type VisualizationEntry = Pick<Visualization, "name" | "mediaType">;

/** As much of a record as it takes to read an artifact; version records and element records have it. */
export interface StoredArtifact extends ElementRecord {
  /** Present for the results of a map: then the content is that of its elements, in order. */
  readonly elements?: readonly ElementRecord[];
}

export interface EncodeOptions {
  /** The declared type; without one the materializer is found by the value. */
  readonly type?: string | ArtifactType<unknown> | undefined;
  /** Checked before the value is saved; by default the schema of `type`. */
  readonly schema?: Schema | undefined;
  /** Beside what the materializer says and draws. */
  readonly metadata?: Readonly<Record<string, JsonValue>> | undefined;
  readonly visualizations?: readonly Visualization[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface SaveOptions extends EncodeOptions {
  /** A fresh key prefix under the vault's root: `vault.location(artifactName)`. */
  readonly location: string;
}

export interface LoadOptions {
  /** Load through the materializer of another type, which has to read the artifact's format. */
  readonly as?: string | ArtifactType<unknown> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Where `directory()` puts files; by default they stay until the vault is disposed. */
  readonly scratch?: ScratchDirectory | undefined;
}

/** A value in the form of its files, held in memory or in a temporary directory, and not stored yet. */
export interface EncodedArtifact extends Omit<SavedArtifact, "location" | "uri"> {
  /** Stores the files under a fresh key prefix (`vault.location(name)`). May be called more than once. */
  store(location: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<SavedArtifact>;
  /** Frees what was spooled; the garbage collector does not. */
  dispose(): Promise<void>;
}
