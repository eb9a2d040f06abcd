import type { Schema } from "./schema.js";

declare const valueType: unique symbol;

/**
 * The name of a kind of artifact, carrying the TypeScript type of its values. It can be imported without loading
 * anything that makes or reads such values; the materializer is found by the name.
 */
export interface ArtifactType<T> {
  readonly kind: "artifactType";
  /** `json`, `text`, …; those of integrations are prefixed by its name: `tensorflow/LayersModel`. */
  readonly name: string;
  /** Checked when a value is saved; part of nothing that is recorded. */
  readonly schema?: Schema<T>;
  readonly [valueType]?: T;
}

export type ArtifactValue<A> = A extends ArtifactType<infer T> ? T : never;

/**
 * Declares a type of artifacts.
 *
 * @example
 * export const layersModel = artifactType<LayersModel>("tensorflow/LayersModel");
 */
export function artifactType<T>(name: string, options: { schema?: Schema<T> } = {}): ArtifactType<T> {
  return Object.freeze({ kind: "artifactType", name, ...options });
}

export function isArtifactType(value: unknown): value is ArtifactType<unknown> {
  return typeof value === "object" && value !== null && (value as { kind?: unknown }).kind === "artifactType";
}
