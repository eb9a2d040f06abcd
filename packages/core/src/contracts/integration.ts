import type { ArtifactType } from "./artifact-type.js";
import type { ComponentDefinition } from "./component.js";
import type { Container } from "./container.js";
import type { Hook, HookName, Hooks } from "./hooks.js";
import type { Materializer } from "./materializer.js";
import type { Schema } from "./schema.js";

/** The version of the contracts in this package; a manifest's `api` is a range of it. */
export const apiVersion = "1.0.0";

/** The field `tenon` of an integration's package.json: everything that is known before any of its code runs. */
export interface Manifest {
  /** A range of core API versions: `^1.0.0`. */
  readonly api: string;
  /** The integration's name: lower case, digits and dashes. */
  readonly integration: string;
  readonly contributes?: {
    /** Flavors by the name of their kind, its own kinds included. */
    readonly [kind: string]: unknown;
    readonly materializers?: readonly ManifestMaterializer[];
    /** Component kinds that it adds. */
    readonly kinds?: readonly string[];
    /** True if it taps the hook bus: it is then activated for every run of a project or stack that names it. */
    readonly hooks?: boolean;
  };
  /** What it needs besides npm packages. */
  readonly requires?: readonly ProgramRequirement[];
}

export interface ManifestMaterializer {
  /** The artifact type's name. */
  readonly type: string;
  /** Names of the classes whose instances it saves when an output was not declared. */
  readonly classes?: readonly string[];
  readonly writes: string;
  readonly reads?: readonly string[];
}

export interface ProgramRequirement {
  /** A program on the path: `sbatch`. */
  readonly program: string;
  /** How to get it, as a sentence or a command. */
  readonly install: string;
  /** The components that need it; by default all. */
  readonly for?: readonly string[];
}

/** A materializer that is loaded when a value of its type is saved or loaded for the first time. */
export interface MaterializerDefinition<T = unknown> {
  readonly type: ArtifactType<T>;
  readonly classes?: readonly string[];
  readonly writes: string;
  readonly reads?: readonly string[];
  /** Packages that must be installed before `load`. */
  readonly requires?: readonly string[];
  readonly load: () => Promise<{ readonly materializer: Materializer<T> }>;
}

export interface IntegrationContext {
  readonly container: Container;
  readonly hooks: Hooks;
}

export interface Integration {
  readonly name: string;
  readonly components: readonly AnyComponentDefinition[];
  readonly materializers: readonly MaterializerDefinition[];
  /** Taps, by hook. */
  readonly hooks: { readonly [N in HookName]?: Hook<N> };
  /** Called once, when the integration is activated, after its definitions are registered. */
  activate?(context: IntegrationContext): void | Promise<void>;
  /** What no manifest can say; throw, or return what is missing and how to get it. */
  checkInstallation?(): Promise<readonly string[]> | readonly string[];
}

export type AnyComponentDefinition = Pick<
  ComponentDefinition<never, unknown>,
  "kind" | "flavor" | "requires" | "engine" | "load"
> & {
  readonly config: Schema;
};

/**
 * The default export of an integration's main module.
 *
 * @example
 * export default defineIntegration({ name: "gcp", components: [gcs, cloudSql] });
 */
export function defineIntegration(
  options: Pick<Integration, "name"> &
    Partial<Omit<Integration, "materializers" | "components">> & {
      readonly components?: readonly AnyComponentDefinition[];
      readonly materializers?: readonly MaterializerDefinition[];
    },
): Integration {
  return Object.freeze({ components: [], materializers: [], hooks: {}, ...options });
}

/** Declares a materializer without loading it. */
export function defineMaterializer<T>(definition: MaterializerDefinition<T>): MaterializerDefinition<T> {
  return Object.freeze(definition);
}
