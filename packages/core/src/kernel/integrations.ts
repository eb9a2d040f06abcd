import { pathToFileURL } from "node:url";
import satisfies from "semver/functions/satisfies.js";
import type { HookName } from "../contracts/hooks.js";
import { type AnyComponentDefinition, apiVersion, type Integration } from "../contracts/integration.js";
import { suggest } from "../contracts/nearest.js";
import { TenonError } from "../errors.js";
import type { KernelContainer } from "./container.js";
import { type DiscoveredIntegration, type Discovery, discover } from "./discovery.js";
import { type HookBus, hookNames } from "./hook-bus.js";
import { mainModule, readPackageJson } from "./installed-package.js";
import { packageThatHas } from "./known-integrations.js";
import { disagreements } from "./manifest-agreement.js";
import { commandLine, installCommand, packageManagerOf } from "./package-manager.js";
import type { Project } from "./project.js";
import { checkPackage, checkProgram, unconditionalRequirements } from "./requirements.js";

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
    this.#discovery ??= discover(this.#project.root, this.#project.stateDirectory);
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
        fault: this.#faultBeforeImport(discovered),
      };
    });
    const unreadable = broken.map(
      ({ packageName, directory, found, field }): ListedIntegration => ({
        name: packageName,
        packageName,
        version: undefined,
        directory,
        flavors: {},
        types: [],
        active: false,
        fault: manifestFault(packageName, found, field),
      }),
    );
    return [...usable, ...unreadable].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }

  /**
   * @throws `INTEGRATION_UNKNOWN`, `INTEGRATION_DUPLICATE`, `INTEGRATION_MANIFEST_INVALID`
   */
  find(name: string): DiscoveredIntegration {
    const { integrations, broken, missing } = this.discovery;
    const found = integrations.filter((one) => one.manifest.integration === name || one.packageName === name);
    const [first, second] = found;
    if (first !== undefined && second !== undefined) throw duplicateFault(name, found);
    if (first !== undefined) return first;
    const unreadable = broken.find((one) => one.packageName === name || one.packageName.endsWith(`plugin-${name}`));
    if (unreadable !== undefined) throw manifestFault(unreadable.packageName, unreadable.found, unreadable.field);
    throw this.#unknown(name, integrations, missing);
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
        ...this.#agreementFaults(discovered, integration),
        ...(await installationFaults(discovered, integration)),
      ];
      const components = integration.components.map((definition) => ({
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
  componentFaults(
    integration: DiscoveredIntegration,
    definition: Pick<AnyComponentDefinition, "kind" | "flavor" | "requires">,
  ): readonly TenonError[] {
    const { flavor } = definition;
    const subject = { integration, component: { kind: definition.kind.name, flavor }, projectRoot: this.#project.root };
    const programs = integration.manifest.requires.filter((one) => one.for === undefined || one.for.includes(flavor));
    return [
      ...definition.requires.map((name) => checkPackage(name, subject)),
      ...programs.map((program) => checkProgram(program, subject)),
    ].filter((fault) => fault !== undefined);
  }

  /**
   * Imports the integration, registers what it defines, taps its hooks and calls its `activate`: once, however often it
   * is asked for.
   *
   * @throws `INTEGRATION_UNKNOWN`, `INTEGRATION_INCOMPATIBLE`, `INTEGRATION_BROKEN`, `REQUIREMENT_MISSING`, …
   */
  activate(name: string): Promise<ActiveIntegration> {
    const known = this.#active.get(name);
    if (known !== undefined) return known;
    const activation = this.#activate(name);
    this.#active.set(name, activation);
    return activation;
  }

  /** Its main module, imported but not activated. */
  import(name: string): Promise<Integration> {
    const known = this.#imported.get(name);
    if (known !== undefined) return known;
    const imported = this.#import(name);
    this.#imported.set(name, imported);
    return imported;
  }

  async #activate(name: string): Promise<ActiveIntegration> {
    const start = performance.now();
    const integration = await this.import(name);
    const discovered = this.find(name);
    const owner = `integration '${name}'`;
    const hooks = this.#hooks.ownedBy(owner);
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
      throw broken(discovered, "activating", cause);
    }
    this.#activated.add(name);
    const durationMs = performance.now() - start;
    await this.#hooks.emit("integrationActivated", { integration: name, version: discovered.version, durationMs });
    return { discovered, integration };
  }

  async #import(name: string): Promise<Integration> {
    const discovered = this.find(name);
    const [early] = this.#faultsBeforeImport(discovered);
    if (early !== undefined) throw early;
    const main = mainModule(discovered.directory, readPackageJson(discovered.directory));
    if (main === undefined) {
      throw broken(
        discovered,
        "importing",
        new Error("the file that its package.json names as its main module is not there"),
      );
    }
    let module: { readonly default?: unknown };
    try {
      module = (await import(/* @vite-ignore */ pathToFileURL(main).href)) as { readonly default?: unknown };
    } catch (cause) {
      throw broken(discovered, "importing", cause);
    }
    const integration = module.default;
    const fault = shapeFault(integration);
    if (fault !== undefined) throw broken(discovered, "importing", new Error(fault));
    return integration as Integration;
  }

  #faultBeforeImport(discovered: DiscoveredIntegration): TenonError | undefined {
    return this.#faultsBeforeImport(discovered)[0];
  }

  #faultsBeforeImport(discovered: DiscoveredIntegration): readonly TenonError[] {
    const { manifest, packageName, version, directory } = discovered;
    const same = this.discovery.integrations.filter((one) => one.manifest.integration === manifest.integration);
    if (same.length > 1) return [duplicateFault(manifest.integration, same)];
    if (!satisfies(apiVersion, manifest.api, { includePrerelease: true })) {
      return [
        new TenonError("INTEGRATION_INCOMPATIBLE", {
          doing: `checking integration '${manifest.integration}' (${packageName} ${version})`,
          found: `it is made for version ${manifest.api} of the core's contracts, and this is ${apiVersion}`,
          fix: `Update it: ${commandLine(installCommand(packageManagerOf(this.#project.root), [{ name: packageName }]))}.`,
          details: { integration: manifest.integration, wanted: manifest.api, found: apiVersion },
        }),
      ];
    }
    const subject = { integration: discovered, projectRoot: this.#project.root };
    return unconditionalRequirements(directory)
      .map((name) => checkPackage(name, subject))
      .filter((fault) => fault !== undefined);
  }

  #agreementFaults({ manifest, packageName }: DiscoveredIntegration, integration: Integration): readonly TenonError[] {
    return disagreements(manifest, integration).map(
      (found) =>
        new TenonError("INTEGRATION_MANIFEST_INVALID", {
          doing: `comparing the manifest of '${packageName}' with its code`,
          found,
          fix: "Its author has to mend its package.json or its code.",
          details: { integration: manifest.integration },
        }),
    );
  }

  #unknown(name: string, integrations: readonly DiscoveredIntegration[], missing: readonly string[]): TenonError {
    const names = integrations.map(({ manifest }) => manifest.integration);
    const official = packageThatHas({ integration: name });
    const manager = packageManagerOf(this.#project.root);
    const absent = missing.find((one) => one === official || one === name || one.endsWith(`plugin-${name}`));
    const install =
      official === undefined ? undefined : `Install it: ${commandLine(installCommand(manager, [{ name: official }]))}.`;
    const installed = names.length === 0 ? "none is installed" : `installed are ${names.join(", ")}`;
    const fix = absent === undefined ? (install ?? suggest(name, names)) : `Run ${manager} install.`;
    return new TenonError("INTEGRATION_UNKNOWN", {
      doing: `looking for integration '${name}' among the dependencies of ${this.#project.root}`,
      found: absent === undefined ? installed : `${absent} is a dependency and is not installed`,
      ...(fix === undefined ? {} : { fix }),
      details: { integration: name, installed: names },
    });
  }
}

function shapeFault(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null)
    return "its main module has no default export made by defineIntegration";
  const { name, components, materializers, hooks } = value as Partial<Integration>;
  if (
    typeof name !== "string" ||
    !Array.isArray(components) ||
    !Array.isArray(materializers) ||
    typeof hooks !== "object"
  ) {
    return "the default export of its main module was not made by defineIntegration";
  }
  const unknown = Object.keys(hooks ?? {}).find((hook) => !(hookNames as readonly string[]).includes(hook));
  return unknown === undefined ? undefined : `it taps the hook '${unknown}', which does not exist`;
}

async function installationFaults(
  { manifest }: DiscoveredIntegration,
  integration: Integration,
): Promise<readonly TenonError[]> {
  const doing = `asking integration '${manifest.integration}' to check its installation`;
  try {
    const missing = (await integration.checkInstallation?.()) ?? [];
    return missing.map((found) => new TenonError("REQUIREMENT_MISSING", { doing, found }));
  } catch (cause) {
    return [new TenonError("REQUIREMENT_BROKEN", { doing, found: messageOf(cause), cause })];
  }
}

function broken({ manifest, packageName, version }: DiscoveredIntegration, stage: string, cause: unknown): TenonError {
  const duplicate = TenonError.is(cause, "CORE_DUPLICATE");
  return new TenonError(duplicate ? "CORE_DUPLICATE" : "INTEGRATION_BROKEN", {
    doing: `${stage} integration '${manifest.integration}' (${packageName} ${version})`,
    found: duplicate ? cause.found : messageOf(cause),
    fix: duplicate ? (cause.fix ?? "") : "Install it anew, or ask its author; the other integrations are not affected.",
    details: { ...(duplicate ? cause.details : {}), integration: manifest.integration },
    cause,
  });
}

function duplicateFault(name: string, found: readonly DiscoveredIntegration[]): TenonError {
  return new TenonError("INTEGRATION_DUPLICATE", {
    doing: `looking for integration '${name}'`,
    found: `${found.map(({ packageName }) => packageName).join(" and ")} both say that they are it`,
    fix: "Remove one of them from the project's dependencies.",
    details: { integration: name, packages: found.map(({ packageName }) => packageName) },
  });
}

function manifestFault(packageName: string, found: string, field: string | undefined): TenonError {
  return new TenonError("INTEGRATION_MANIFEST_INVALID", {
    doing: `reading the manifest of '${packageName}'`,
    found,
    fix: "Its author has to mend its package.json; until then the integration is left out.",
    details: { package: packageName, field },
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.split("\n")[0] || error.name : String(error);
}
