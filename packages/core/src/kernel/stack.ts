import type { ArtifactStore } from "../contracts/artifact-store.js";
import { type ComponentContext, type ComponentKind, kinds } from "../contracts/component.js";
import type { MetadataStore } from "../contracts/metadata-store.js";
import type { Launcher, Orchestrator } from "../contracts/orchestrator.js";
import type { Schema } from "../contracts/schema.js";
import { TenonError } from "../errors.js";
import { Ledger } from "../ledger/ledger.js";
import type { StackRecord } from "../ledger/records.js";
import { recordedConfiguration, validateConfiguration } from "./component-configuration.js";
import { isDisposable, type KernelContainer } from "./container.js";
import { type FoundDefinition, findDefinition } from "./flavors.js";
import type { HookBus } from "./hook-bus.js";
import type { Integrations } from "./integrations.js";
import type { Project } from "./project.js";
import { brokenRequirement } from "./requirements.js";
import { resolveSecret } from "./secrets.js";
import { boundFlavor, type ChosenStack, stackFault } from "./stack-choice.js";
import { holdTogether } from "./stack-owner.js";

export type { StackChoice } from "./stack-choice.js";

export interface StackResolveOptions {
  /** Check and create only the components of these kinds: who only reads the ledger needs no orchestrator. */
  readonly kinds?: readonly string[];
}

/** A stack that was checked and whose components exist. */
export interface ResolvedStack {
  readonly name: string;
  /** Without secrets. */
  readonly record: StackRecord;
  /** The kernel's container with the stack's components in it, each under the token of its kind. */
  readonly container: KernelContainer;
  readonly orchestrator: Orchestrator | Launcher;
  readonly artifactStore: ArtifactStore;
  readonly metadataStore: MetadataStore;
  /** What steps may say to the orchestrator in their `engine` settings. */
  readonly engine: EngineBlock;
  /** Over the stack's metadata store; opened once. */
  ledger(): Promise<Ledger>;
  /** @throws `TOKEN_UNBOUND` if the stack has none of that kind. */
  component<Instance>(kind: ComponentKind<Instance>): Instance;
  /**
   * The same, created first if nothing has asked for it yet.
   *
   * @throws `STACK_INVALID` if the stack has none of that kind
   */
  created<Instance>(kind: ComponentKind<Instance>): Promise<Instance>;
}

export interface EngineBlock {
  /** Under which name: the integration's, or the flavor of an orchestrator that none brings. */
  readonly name?: string;
  readonly schema?: Schema;
}

export interface StackSurroundings {
  readonly project: Project;
  readonly container: KernelContainer;
  readonly hooks: HookBus;
  readonly integrations: Integrations;
}

/** What the kinds of the core must be able to do, so that a wrong object is found before a run starts. */
const methods: Readonly<Record<string, readonly (readonly string[])[]>> = {
  orchestrator: [["submit"], ["launch", "poll", "cancel", "logs"]],
  artifactStore: [["write", "read", "stat", "list", "delete", "uri"]],
  metadataStore: [["get", "getMany", "put", "insert", "scan", "delete"]],
};

interface CheckedComponent {
  readonly kind: string;
  readonly found: FoundDefinition;
  readonly config: unknown;
}

/** A chosen stack, whose components come to exist when they are asked for. */
export class OpenStack implements ResolvedStack {
  readonly name: string;
  readonly container: KernelContainer;
  readonly #chosen: ChosenStack;
  readonly #around: StackSurroundings;
  readonly #flavors = new Map<string, string>();
  readonly #bound: ReadonlySet<string>;
  #work: Promise<unknown> = Promise.resolve();
  #ledger: Promise<Ledger> | undefined;
  #announced = false;
  #engine: EngineBlock = {};
  #heldTogether: "no" | "verified" | "claimed" = "no";

  constructor(chosen: ChosenStack, around: StackSurroundings) {
    this.name = chosen.name;
    this.#chosen = chosen;
    this.#around = around;
    this.container = around.container.scope();
    this.#bound = new Set(
      [...Object.keys(kinds), ...Object.keys(chosen.components)].filter((kind) => around.container.has(tokenOf(kind))),
    );
    around.container.own(`stack '${chosen.name}'`, this.container);
  }

  get orchestrator(): Orchestrator | Launcher {
    return this.component(kinds.orchestrator);
  }

  get artifactStore(): ArtifactStore {
    return this.component(kinds.artifactStore);
  }

  get metadataStore(): MetadataStore {
    return this.component(kinds.metadataStore);
  }

  get engine(): EngineBlock {
    return this.#engine;
  }

  component<Instance>(kind: ComponentKind<Instance>): Instance {
    return this.container.resolve(kind.token);
  }

  async created<Instance>(kind: ComponentKind<Instance>): Promise<Instance> {
    if (!this.container.has(kind.token)) await this.ensure({ kinds: [kind.name] });
    return this.component(kind);
  }

  ledger(): Promise<Ledger> {
    this.#ledger ??= Ledger.open(this.metadataStore, { project: this.#around.project.name });
    return this.#ledger;
  }

  get record(): StackRecord {
    const components = Object.entries(this.#chosen.components)
      .filter(([kind]) => !this.#bound.has(kind))
      .map(([kind, { flavor, config }]) => [
        kind,
        { flavor: this.#flavors.get(kind) ?? flavor, config: recordedConfiguration(config) },
      ]);
    const bound = [...this.#bound].map((kind) => [kind, { flavor: boundFlavor, config: {} }]);
    return { name: this.name, components: Object.fromEntries([...components, ...bound]) };
  }

  /** Checks, then creates what is not there yet. One call after the other, so that nothing is created twice. */
  ensure(options: StackResolveOptions): Promise<void> {
    const result = this.#work.then(() => this.#ensure(options));
    this.#work = result.catch(() => {});
    return result;
  }

  async #ensure({ kinds: only }: StackResolveOptions): Promise<void> {
    const wanted = only ?? [...new Set([...Object.keys(kinds), ...Object.keys(this.#chosen.components)])];
    const absent = wanted.filter((kind) => !this.#bound.has(kind) && !this.#flavors.has(kind));
    const faults: TenonError[] = [];
    const checked: CheckedComponent[] = [];
    for (const kind of absent) {
      const component = await this.#check(kind, faults);
      if (component !== undefined) checked.push(component);
    }
    if (only === undefined) await this.#activateForHooks(faults);
    if (faults.length > 0) throw stackFault(this.#chosen, faults);

    for (const component of checked.sort((a, b) => rank(a.kind) - rank(b.kind))) await this.#create(component);
    await this.#holdTogether(wanted);
    if (only === undefined && !this.#announced) {
      this.#announced = true;
      const components = Object.entries(this.record.components).map(([kind, { flavor }]) => [kind, flavor]);
      await this.#around.hooks.emit("stackResolved", { stack: this.name, components: Object.fromEntries(components) });
    }
  }

  async #check(kind: string, faults: TenonError[]): Promise<CheckedComponent | undefined> {
    const reference = this.#chosen.components[kind];
    if (reference === undefined) {
      faults.push(missingKind(kind, this.#chosen));
      return undefined;
    }
    try {
      const { project, container, integrations } = this.#around;
      const found = await findDefinition(kind, reference, { integrations, container, root: project.code });
      const before = faults.length;
      if (found.integration !== undefined)
        faults.push(...integrations.componentFaults(found.integration, found.definition));
      const what = `${kind} '${found.flavor}'`;
      const { config, faults: wrong } = await validateConfiguration(what, found.definition.config, reference.config);
      faults.push(...wrong);
      return faults.length > before ? undefined : { kind, found, config };
    } catch (error) {
      if (!TenonError.is(error)) throw error;
      faults.push(error);
      return undefined;
    }
  }

  async #activateForHooks(faults: TenonError[]): Promise<void> {
    const names = new Set([...(this.#around.project.config.integrations ?? []), ...this.#chosen.integrations]);
    for (const name of names) {
      try {
        await this.#around.integrations.activate(name);
      } catch (error) {
        if (!TenonError.is(error)) throw error;
        faults.push(error);
      }
    }
  }

  async #create({ kind, found, config }: CheckedComponent): Promise<void> {
    const { project, hooks } = this.#around;
    const { name, root, stateDirectory } = project;
    const what = `${kind} '${found.flavor}'`;
    const context: ComponentContext<never> = {
      config: config as never,
      project: { name, root, stateDirectory },
      stack: { name: this.name },
      container: this.container,
      hooks: hooks.ownedBy(what),
      resolveSecret: (reference) => resolveSecret(reference, what, this.container),
    };
    const module = await this.#load(found, what);
    let instance: unknown;
    try {
      instance = await module.create(context);
    } catch (cause) {
      throw this.#creationFault(found, what, cause);
    }
    if (isDisposable(instance)) this.container.own(what, instance);
    const shapes = methods[kind] ?? [[]];
    if (!shapes.some((names) => hasMethods(instance, names))) {
      throw new TenonError("COMPONENT_INVALID", {
        doing: `creating the ${what}`,
        found: `what its create() returned has not got ${shapes.map((names) => names.join(", ")).join("; or ") || "any value"}`,
        details: { kind, flavor: found.flavor },
      });
    }
    this.container.registerValue(tokenOf(kind), instance);
    this.#flavors.set(kind, found.flavor);
    if (kind !== kinds.orchestrator.name) return;
    const { integration, definition, flavor } = found;
    this.#engine = {
      name: integration?.manifest.integration ?? flavor,
      ...(definition.engine && { schema: definition.engine }),
    };
  }

  async #load({ definition, integration, ...found }: FoundDefinition, what: string) {
    try {
      return await definition.load();
    } catch (cause) {
      const component = { kind: definition.kind.name, flavor: definition.flavor };
      const subject = integration && { integration, component, projectRoot: this.#around.project.root };
      const failing = subject && (await brokenRequirement(definition.requires, subject));
      throw failing ?? this.#creationFault({ definition, integration, ...found }, what, cause);
    }
  }

  #creationFault({ integration, definition }: FoundDefinition, what: string, cause: unknown): TenonError {
    if (TenonError.is(cause)) return cause;
    return new TenonError("COMPONENT_FAILED", {
      doing: `creating the ${what} of stack '${this.name}'`,
      found: cause instanceof Error ? cause.message : String(cause),
      details: {
        kind: definition.kind.name,
        flavor: definition.flavor,
        ...(integration === undefined ? {} : { integration: integration.manifest.integration }),
      },
      cause,
    });
  }

  async #holdTogether(wanted: readonly string[]): Promise<void> {
    if (!wanted.includes("artifactStore") || !wanted.includes("metadataStore")) return;
    const claim = wanted.includes("orchestrator");
    if (this.#heldTogether === "claimed" || (this.#heldTogether === "verified" && !claim)) return;
    await holdTogether(this.name, this.artifactStore, (await this.ledger()).id, { claim });
    this.#heldTogether = claim ? "claimed" : "verified";
  }
}

// A token of the same id as its kind's, which may be known to a plugin only.
function tokenOf(kind: string): { readonly id: string } {
  return { id: `component/${kind}` };
}

function rank(kind: string): number {
  const at = ["metadataStore", "artifactStore"].indexOf(kind);
  return at !== -1 ? at : kind === "orchestrator" ? 3 : 2;
}

function missingKind(kind: string, { name, origin, bound }: ChosenStack): TenonError {
  const elsewhere = bound?.includes(kind) === true;
  return new TenonError("STACK_INVALID", {
    doing: `checking the stack '${name}' of ${origin}`,
    found: elsewhere ? `its ${kind} was bound by the program that started the run` : `it has no ${kind}`,
    fix: elsewhere
      ? "Another process cannot have it: name a flavor in the stack, or run the steps in one process."
      : `Give it one, for example ${examples[kind] ?? `${kind}: …`}.`,
    details: { kind },
  });
}

const examples: Readonly<Record<string, string>> = {
  orchestrator: "orchestrator: local/local",
  artifactStore: "artifactStore: local/filesystem",
  metadataStore: "metadataStore: local/sqlite",
};

function hasMethods(instance: unknown, names: readonly string[]): boolean {
  if (instance === undefined || instance === null) return false;
  return names.every((name) => typeof (instance as Record<string, unknown>)[name] === "function");
}
