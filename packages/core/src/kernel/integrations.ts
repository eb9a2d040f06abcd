import { pathToFileURL } from "node:url";
import type { HookName, Hooks } from "../contracts/hooks.js";
import { apiVersion, type Integration } from "../contracts/integration.js";
import { suggest } from "../contracts/nearest.js";
import { TenonError } from "../errors.js";
import { packageDirectory, plugAndPlayFor } from "../git/package-directory.js";
import type { KernelContainer } from "./container.js";
import { corePlace } from "./core-identity.js";
import { type DiscoveredIntegration, type Discovery, discover } from "./discovery.js";
import type { HookBus } from "./hook-bus.js";
import { mainModule, readPackageJson } from "./installed-package.js";
import {
  agreementFaults,
  brokenFault,
  duplicateFault,
  incompatibleFault,
  installationFaults,
  manifestFault,
  secondCoreFault,
  shapeFault,
  unknownFault,
} from "./integration-faults.js";
import type { WantedPackage } from "./package-manager.js";
import type { Project } from "./project.js";
import { checkPackage, checkProgram, componentPath, requiredRange, unconditionalRequirements } from "./requirements.js";
import { fits } from "./version-range.js";

/** One line of a list; nothing was run to make it. */
export interface ListedIntegration {
  /** Its own name, or its package's if the manifest cannot be read. */
  readonly name: string;
  readonly packageName: string;
  readonly version: string | undefined;
  readonly directory: string;
  /** Flavors by kind. */
  readonly flavors: Readonly<Record<string, readonly string[]>>;
  /** Artifact types. */
  readonly types: readonly string[];
  readonly active: boolean;
  /** Why it cannot be used, as far as its package.json tells. */
  readonly fault: TenonError | undefined;
}

export interface ComponentReport {
  readonly kind: string;
  readonly flavor: string;
  readonly faults: readonly TenonError[];
}

export interface IntegrationReport {
  readonly name: string;
  readonly packageName: string;
  readonly version: string;
  /** Faults of the integration as a whole; a component can have its own beside. */
  readonly faults: readonly TenonError[];
  readonly components: readonly ComponentReport[];
  /** True if neither it nor any component has a fault. */
  readonly usable: boolean;
}

export interface ActiveIntegration {
  readonly discovered: DiscoveredIntegration;
  readonly integration: Integration;
}

/** A component or a materializer, as far as it has needs of its own. */
interface Part {
  readonly kind: { readonly name: string };
  readonly flavor: string;
  readonly requires: readonly string[];
}

function partsOf({ components, materializers }: Integration): readonly Part[] {
  const kind = { name: "materializer" };
  return [...components, ...materializers.map(({ type, requires = [] }) => ({ kind, flavor: type.name, requires }))];
}

/** The integrations of a project. What goes wrong with one stays with that one. */
export class Integrations {
  readonly #project: Project;
  readonly #container: KernelContainer;
  readonly #hooks: HookBus;
  readonly #imported = new Map<string, Promise<Integration>>();
  readonly #active = new Map<string, Promise<ActiveIntegration>>();
  readonly #activated = new Set<string>();
  #discovery: Discovery | undefined;

  constructor(project: Project, container: KernelContainer, hooks: HookBus) {
    this.#project = project;
    this.#container = container;
    this.#hooks = hooks;
  }

  /** What was found in the project's manifests; read once. */
  get discovery(): Discovery {
    this.#discovery ??= discover(this.#project.code, this.#project.stateDirectory);
    return this.#discovery;
  }

  /** Those that are installed, the broken ones among them, in the order of their names. */
  list(): readonly ListedIntegration[] {
    const { integrations, broken } = this.discovery;
    const usable = integrations.map((discovered): ListedIntegration => {
      const { packageName, version, directory, manifest } = discovered;
      return {
        name: manifest.integration,
        packageName,
        version,
        directory,
        flavors: manifest.flavors,
        types: manifest.materializers.map(({ type }) => type),
        active: this.#activated.has(manifest.integration),
        fault: this.#faultsBeforeImport(discovered)[0],
      };
    });
    const unreadable = broken.map(
      (one): ListedIntegration => ({
        name: one.integration ?? one.packageName,
        packageName: one.packageName,
        version: undefined,
        directory: one.directory,
        flavors: {},
        types: [],
        active: false,
        fault: manifestFault(one),
      }),
    );
    return [...usable, ...unreadable].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }

  /**
   * @throws `INTEGRATION_UNKNOWN`, `INTEGRATION_DUPLICATE`, `INTEGRATION_MANIFEST_INVALID`
   */
  find(name: string): DiscoveredIntegration {
    const { integrations, broken } = this.discovery;
    const found = integrations.filter((one) => one.manifest.integration === name || one.packageName === name);
    const [first, second] = found;
    if (first !== undefined && second !== undefined) throw duplicateFault(name, found);
    if (first !== undefined) return first;
    const unreadable = broken.find((one) => one.packageName === name || one.integration === name);
    if (unreadable !== undefined) throw manifestFault(unreadable);
    throw unknownFault(name, this.discovery, this.#project.root);
  }

  /**
   * Looks at everything that the integration and each of its components need. Its main module is imported for that, and
   * nothing that it loads on demand.
   */
  async check(name: string): Promise<IntegrationReport> {
    const discovered = this.find(name);
    const { packageName, version, manifest } = discovered;
    const report = { name: manifest.integration, packageName, version };
    const early = this.#faultsBeforeImport(discovered);
    if (early.length > 0) return { ...report, faults: early, components: [], usable: false };
    try {
      const integration = await this.import(manifest.integration);
      const faults = [
        ...agreementFaults(discovered, integration),
        ...(await installationFaults(discovered, integration)),
      ];
      const components = partsOf(integration).map((definition) => ({
        kind: definition.kind.name,
        flavor: definition.flavor,
        faults: this.componentFaults(discovered, definition),
      }));
      const usable = faults.length === 0 && components.every((component) => component.faults.length === 0);
      return { ...report, faults, components, usable };
    } catch (error) {
      if (!TenonError.is(error)) throw error;
      return { ...report, faults: [error], components: [], usable: false };
    }
  }

  /** What is missing of what one component needs: packages by its own word, programs by the manifest's. */
  componentFaults(integration: DiscoveredIntegration, definition: Part): readonly TenonError[] {
    const { flavor } = definition;
    const subject = { integration, component: { kind: definition.kind.name, flavor }, projectRoot: this.#project.root };
    const programs = integration.manifest.requires.filter((one) => one.for === undefined || one.for.includes(flavor));
    return [
      ...definition.requires.map((name) => checkPackage(name, subject)),
      ...programs.map((program) => checkProgram(program, subject)),
    ].filter((fault) => fault !== undefined);
  }

  /**
   * What has to be installed for an integration, or for one component of it (`artifact-store/gcs`): what it cannot do
   * without, and what the components say that they load on demand.
   *
   * @throws `FLAVOR_UNKNOWN` if it has no such component
   */
  async packagesFor(name: string, component?: string): Promise<readonly WantedPackage[]> {
    const { directory, manifest } = this.find(name);
    const components = partsOf(await this.import(name));
    const paths = components.map(({ kind, flavor }) => componentPath({ kind: kind.name, flavor }));
    const chosen = components.filter((_, index) => component === undefined || paths[index] === component);
    if (chosen.length === 0 && component !== undefined) {
      throw new TenonError("FLAVOR_UNKNOWN", {
        doing: `looking for '${component}' in integration '${manifest.integration}'`,
        found: `it has ${paths.join(", ")}`,
        ...fixOf(suggest(component, paths)),
      });
    }
    const names = new Set([...unconditionalRequirements(directory), ...chosen.flatMap(({ requires }) => requires)]);
    return [...names].map((wanted) => {
      const range = requiredRange(directory, wanted);
      return range === undefined ? { name: wanted } : { name: wanted, range };
    });
  }

  /**
   * Imports the integration, registers what it defines, taps its hooks and calls its `activate`: once, however often it
   * is asked for.
   *
   * @throws `INTEGRATION_UNKNOWN`, `INTEGRATION_INCOMPATIBLE`, `INTEGRATION_BROKEN`, `REQUIREMENT_MISSING`, …
   */
  async activate(name: string): Promise<ActiveIntegration> {
    const discovered = this.find(name);
    const { integration } = discovered.manifest;
    const activation = this.#active.get(integration) ?? this.#activate(discovered);
    this.#active.set(integration, activation);
    return activation;
  }

  /** Its main module, imported but not activated. */
  async import(name: string): Promise<Integration> {
    const discovered = this.find(name);
    const { integration } = discovered.manifest;
    const imported = this.#imported.get(integration) ?? this.#import(discovered);
    this.#imported.set(integration, imported);
    return imported;
  }

  async #activate(discovered: DiscoveredIntegration): Promise<ActiveIntegration> {
    const start = performance.now();
    const name = discovered.manifest.integration;
    const integration = await this.import(name);
    const taps: (() => void)[] = [];
    const bus = this.#hooks.ownedBy(`integration '${name}'`);
    const hooks: Hooks = {
      on(hook, tap) {
        const off = bus.on(hook, tap);
        taps.push(off);
        return off;
      },
    };
    for (const definition of integration.components) {
      this.#container.registerValue(
        { id: `definition/${definition.kind.name}/${name}/${definition.flavor}` },
        definition as unknown,
      );
    }
    try {
      for (const [hook, tap] of Object.entries(integration.hooks)) hooks.on(hook as HookName, tap as never);
      await integration.activate?.({ container: this.#container, hooks });
    } catch (cause) {
      for (const off of taps) off();
      throw brokenFault(discovered, "activating", cause);
    }
    this.#activated.add(name);
    const durationMs = performance.now() - start;
    await this.#hooks.emit("integrationActivated", { integration: name, version: discovered.version, durationMs });
    return { discovered, integration };
  }

  async #import(discovered: DiscoveredIntegration): Promise<Integration> {
    const [early] = this.#faultsBeforeImport(discovered);
    if (early !== undefined) throw early;
    const main = mainModule(discovered.directory, readPackageJson(discovered.directory));
    if (main === undefined) {
      throw brokenFault(
        discovered,
        "importing",
        new Error("the file that its package.json names as its main module is not there"),
      );
    }
    let module: { readonly default?: unknown };
    try {
      module = (await import(/* @vite-ignore */ pathToFileURL(main).href)) as { readonly default?: unknown };
    } catch (cause) {
      throw brokenFault(discovered, "importing", cause);
    }
    const integration = module.default;
    const fault = shapeFault(integration);
    if (fault !== undefined) throw brokenFault(discovered, "importing", new Error(fault));
    return integration as Integration;
  }

  #faultsBeforeImport(discovered: DiscoveredIntegration): readonly TenonError[] {
    const { manifest, directory } = discovered;
    const same = this.discovery.integrations.filter((one) => one.manifest.integration === manifest.integration);
    if (same.length > 1) return [duplicateFault(manifest.integration, same)];
    if (!fits(apiVersion, manifest.api)) {
      return [incompatibleFault(discovered, this.#project.root)];
    }
    // Under Plug'n'Play one package has many paths; a second copy is then found out when it is imported.
    const core = plugAndPlayFor(directory) === undefined ? packageDirectory("@tenon/core", directory) : undefined;
    if (core !== undefined && core !== corePlace) return [secondCoreFault(discovered, corePlace, core)];
    const subject = { integration: discovered, projectRoot: this.#project.root };
    return unconditionalRequirements(directory)
      .map((name) => checkPackage(name, subject))
      .filter((fault) => fault !== undefined);
  }
}

function fixOf(fix: string | undefined): { fix?: string } {
  return fix === undefined ? {} : { fix };
}
