import type { ArtifactStore } from "../contracts/artifact-store.js";
import type { ComponentReference } from "../contracts/component.js";
import type { MetadataStore } from "../contracts/metadata-store.js";
import type { Launcher, Orchestrator } from "../contracts/orchestrator.js";

export interface StackOptions {
  /** For messages and records; by default `unnamed`. */
  readonly name?: string;
  readonly orchestrator?: ComponentReference<Orchestrator | Launcher>;
  readonly artifactStore?: ComponentReference<ArtifactStore>;
  readonly metadataStore?: ComponentReference<MetadataStore>;
  /** Integrations that only tap hooks, by name. */
  readonly integrations?: readonly string[];
  /** Components of kinds that plugins define, by kind. */
  readonly [kind: string]: ComponentReference | string | readonly string[] | undefined;
}

/** Named components with their configuration; nothing of it is loaded or checked before it is used. */
export interface Stack {
  readonly kind: "stack";
  readonly name: string;
  /** By kind. */
  readonly components: Readonly<Record<string, ComponentReference>>;
  readonly integrations: readonly string[];
}

/**
 * Puts a stack together in code. It is checked as a whole when a run resolves it.
 *
 * @example
 * const prod = stack({
 *   name: "prod",
 *   orchestrator: local({ concurrency: 4 }),
 *   artifactStore: gcs({ bucket: "acme-artifacts" }),
 *   metadataStore: mysql({ host: "db", password: env("DB_PASSWORD") }),
 * });
 */
export function stack({ name = "unnamed", integrations = [], ...components }: StackOptions): Stack {
  const given = Object.entries(components).filter(([, reference]) => reference !== undefined);
  return Object.freeze({
    kind: "stack",
    name,
    components: Object.freeze(Object.fromEntries(given) as Record<string, ComponentReference>),
    integrations: Object.freeze([...integrations]),
  });
}

export function isStack(value: unknown): value is Stack {
  return typeof value === "object" && value !== null && (value as { kind?: unknown }).kind === "stack";
}
