import type { ArtifactStore } from "./artifact-store.js";
import { type Container, type Token, token } from "./container.js";
import type { Hooks } from "./hooks.js";
import type { MetadataStore } from "./metadata-store.js";
import type { Launcher, Orchestrator } from "./orchestrator.js";
import type { Schema, SchemaInput, SchemaOutput } from "./schema.js";

/** A kind of component that a stack can have one of. Plugins may add kinds: the core knows only the three of `kinds`. */
export interface ComponentKind<Instance> {
  readonly name: string;
  /** Under which the instance of the stack in use is registered. */
  readonly token: Token<Instance>;
}

/** @example export const alerter = componentKind<Alerter>("alerter"); */
export function componentKind<Instance>(name: string): ComponentKind<Instance> {
  return Object.freeze({ name, token: token<Instance>(`component/${name}`) });
}

export const kinds = {
  orchestrator: componentKind<Orchestrator | Launcher>("orchestrator"),
  artifactStore: componentKind<ArtifactStore>("artifactStore"),
  metadataStore: componentKind<MetadataStore>("metadataStore"),
} as const;

/** What a component is created from. */
export interface ComponentContext<Config> {
  /** Validated; secrets are still references: `await resolveSecret(config.password)`. */
  readonly config: Config;
  readonly project: { readonly name: string; readonly root: string; readonly stateDirectory: string };
  /** The stack that it is part of. */
  readonly stack: { readonly name: string };
  readonly container: Container;
  readonly hooks: Hooks;
  /** The value behind a secret's reference. Keep it out of records, logs and messages. */
  resolveSecret(reference: { readonly source: string; readonly name: string }): Promise<string>;
}

/** What the module behind a definition's `load` exports. */
export interface ComponentModule<Config, Instance> {
  create(context: ComponentContext<Config>): Instance | Promise<Instance>;
}

/** A component with its configuration, named but not created: one line of a stack. */
export interface ComponentReference<Instance = unknown> {
  readonly component: true;
  readonly kind: string;
  /** `gcs`, or `gcp/gcs` where the integration is named as well. */
  readonly flavor: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** There if the reference was made in code by calling the definition. */
  readonly definition?: ComponentDefinition<never, Instance>;
}

export interface ComponentDefinition<Config, Instance, Input = Config> {
  (...config: Record<string, never> extends Input ? [config?: Input] : [config: Input]): ComponentReference<Instance>;
  readonly kind: ComponentKind<Instance>;
  readonly flavor: string;
  readonly config: Schema<Config, Input>;
  /** Packages that must be installed before `load`; their ranges come from the package's `peerDependencies`. */
  readonly requires: readonly string[];
  /** For an orchestrator: what a step may say in the integration's block of its `engine` settings. */
  readonly engine?: Schema;
  readonly load: () => Promise<ComponentModule<Config, Instance>>;
}

export interface ComponentOptions<S extends Schema, Instance> {
  readonly flavor: string;
  readonly config: S;
  readonly requires?: readonly string[];
  /**
   * For an orchestrator: what a step may say in the integration's block of its `engine` settings, checked before a run
   * is recorded; without it a step may say nothing. A value becomes `Attempt.engine`.
   */
  readonly engine?: Schema;
  readonly load: () => Promise<ComponentModule<SchemaOutput<S>, Instance>>;
}

/**
 * Declares a component of any kind. The definition is light: what it needs is imported by `load`, when a run uses it.
 *
 * @example
 * export const mail = defineComponent(alerter, {
 *   flavor: "mail",
 *   config: z.object({ to: z.email() }),
 *   load: () => import("./mail-alerter.js"),
 * });
 */
export function defineComponent<Instance, S extends Schema>(
  kind: ComponentKind<Instance>,
  options: ComponentOptions<S, Instance>,
): ComponentDefinition<SchemaOutput<S>, Instance, SchemaInput<S>> {
  const reference = (config: Record<string, unknown> = {}): ComponentReference<Instance> =>
    Object.freeze({
      component: true,
      kind: kind.name,
      flavor: options.flavor,
      config: Object.freeze({ ...config }),
      definition: definition as unknown as ComponentDefinition<never, Instance>,
    });
  const definition = Object.assign(reference, {
    kind,
    flavor: options.flavor,
    config: options.config,
    requires: options.requires ?? [],
    ...(options.engine && { engine: options.engine }),
    load: options.load,
  });
  return Object.freeze(definition) as unknown as ComponentDefinition<SchemaOutput<S>, Instance, SchemaInput<S>>;
}

/** Declares an artifact store; see `ArtifactStore` for what it promises. */
export function defineArtifactStore<S extends Schema>(options: ComponentOptions<S, ArtifactStore>) {
  return defineComponent(kinds.artifactStore, options);
}

/** Declares a metadata store; see `MetadataStore` for what it promises. */
export function defineMetadataStore<S extends Schema>(options: ComponentOptions<S, MetadataStore>) {
  return defineComponent(kinds.metadataStore, options);
}

/**
 * Declares an orchestrator: a `Launcher` under core's driver, or an `Orchestrator` that takes whole plans.
 *
 * @example
 * export const slurm = defineOrchestrator({
 *   flavor: "slurm",
 *   config: z.strictObject({ partition: z.optional(z.string()), code: z._default(z.custom(isCodeSetting), "shared") }),
 *   engine: z.strictObject({ constraint: z.optional(z.string()) }),   // engine: { slurm: { constraint: "gpu" } }
 *   load: () => import("./slurm-launcher.js"),
 * });
 */
export function defineOrchestrator<S extends Schema>(options: ComponentOptions<S, Orchestrator | Launcher>) {
  return defineComponent(kinds.orchestrator, options);
}

export function isComponentReference(value: unknown): value is ComponentReference {
  return typeof value === "object" && value !== null && (value as { component?: unknown }).component === true;
}
