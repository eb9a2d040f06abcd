import type { MaterializerDefinition } from "../contracts/integration.js";
import type { Materializer } from "../contracts/materializer.js";
import { TenonError } from "../errors.js";
import type { DiscoveredIntegration } from "./discovery.js";
import type { Integrations } from "./integrations.js";
import { isMaterializer, type RegisteredMaterializer } from "./registered-materializers.js";
import { brokenRequirement, checkPackage } from "./requirements.js";

/** A materializer that is known of, and not loaded yet. */
export interface Candidate {
  /** As it is recorded: `core:json`, `tensorflow:LayersModel`. */
  readonly id: string;
  /** Who has it, for messages. */
  readonly owner: string;
  /** What the program registered comes before integrations, and these before the built-ins. */
  readonly rank: 0 | 1 | 2;
  readonly type: string;
  readonly classes: readonly string[];
  readonly writes: string;
  readonly reads: readonly string[];
  load(): Promise<Materializer>;
  /** There if it can be asked without being loaded. */
  recognises?(value: unknown): boolean;
}

export function builtInCandidate(definition: MaterializerDefinition): Candidate {
  return ofDefinition(definition as MaterializerDefinition<never>, "core", "core", 2);
}

export function registeredCandidate(registered: RegisteredMaterializer): Candidate {
  if (!isMaterializer(registered)) return ofDefinition(registered, "project", "the program", 0);
  const materializer = registered as unknown as Materializer;
  return {
    id: identity("project", materializer.type.name),
    owner: "the program",
    rank: 0,
    type: materializer.type.name,
    classes: [],
    writes: materializer.format,
    reads: materializer.reads,
    load: async () => materializer,
    recognises: (value) => materializer.recognises?.(value) ?? false,
  };
}

/** One for each materializer that the manifest names. Loading it activates the integration, and no other. */
export function integrationCandidates(
  discovered: DiscoveredIntegration,
  integrations: Integrations,
  projectRoot: string,
): Candidate[] {
  const { integration: name, materializers } = discovered.manifest;
  return materializers.map(({ type, classes = [], writes, reads = [writes] }) => ({
    id: identity(name, type),
    owner: `integration '${name}'`,
    rank: 1,
    type,
    classes,
    writes,
    reads,
    load: once(async () => {
      const { integration } = await integrations.activate(name);
      const definition = integration.materializers.find((one) => one.type.name === type && one.writes === writes);
      if (definition === undefined) {
        throw new TenonError("INTEGRATION_MANIFEST_INVALID", {
          doing: `looking for the materializer of '${type}' in integration '${name}'`,
          found: `the manifest of ${discovered.packageName} promises one that writes '${writes}', and its code does not bring it`,
          fix: "Its author has to mend one of the two.",
          details: { integration: name, type, writes },
        });
      }
      const subject = { integration: discovered, component: { kind: "materializer", flavor: type }, projectRoot };
      const faults = (definition.requires ?? []).map((required) => checkPackage(required, subject));
      const fault = faults.find((one) => one !== undefined);
      if (fault !== undefined) throw fault;
      try {
        return (await definition.load()).materializer as unknown as Materializer;
      } catch (cause) {
        const failing = await brokenRequirement(definition.requires ?? [], subject);
        throw failing ?? loadFault(type, `integration '${name}'`, cause);
      }
    }),
  }));
}

function ofDefinition(
  definition: MaterializerDefinition<never>,
  prefix: string,
  owner: string,
  rank: 0 | 2,
): Candidate {
  const { type, classes = [], writes, reads = [] } = definition;
  return {
    id: identity(prefix, type.name),
    owner,
    rank,
    type: type.name,
    classes,
    writes,
    reads: [...new Set([writes, ...reads])],
    load: once(async () => {
      try {
        return (await definition.load()).materializer as unknown as Materializer;
      } catch (cause) {
        throw loadFault(type.name, owner, cause);
      }
    }),
  };
}

function identity(prefix: string, type: string): string {
  return `${prefix}:${type.startsWith(`${prefix}/`) ? type.slice(prefix.length + 1) : type}`;
}

function loadFault(type: string, owner: string, cause: unknown): TenonError {
  return new TenonError("MATERIALIZER_FAILED", {
    doing: `loading the materializer of '${type}' from ${owner}`,
    found: cause instanceof Error ? cause.message : String(cause),
    details: { type },
    cause,
  });
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
