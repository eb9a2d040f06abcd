import type { ArtifactStore } from "../contracts/artifact-store.js";
import type { MetadataStore } from "../contracts/metadata-store.js";
import type { ProbeFinding } from "../contracts/probe.js";
import { TenonError } from "../errors.js";
import type { Kernel } from "../kernel/kernel.js";
import type { Stack } from "../kernel/stack-definition.js";
import { probeArtifactStore } from "../remote/probe-artifact-store.js";
import { probeMetadataStore } from "../remote/probe-metadata-store.js";

/** What is to be said about a stack. */
export interface StackCheck {
  readonly name: string;
  /** The flavor of each kind of component that could be created. */
  readonly components: Readonly<Record<string, { readonly flavor: string }>>;
  /** Of configurations, requirements, connections, and of how the stores belong together. */
  readonly faults: readonly TenonError[];
  /** What the stores said when they were tried, by kind. */
  readonly probes: Readonly<Record<string, readonly ProbeFinding[]>>;
}

/**
 * Checks a stack as a whole. Each component is checked and created by itself, so that the faults of one hide none of
 * another; then they are tried.
 *
 * @throws `STACK_UNKNOWN`
 */
export async function checkStack(kernel: Kernel, choice: string | Stack): Promise<StackCheck> {
  const faults: TenonError[] = [];
  const probes: Record<string, readonly ProbeFinding[]> = {};
  const components: Record<string, { readonly flavor: string }> = {};
  const name = typeof choice === "string" ? choice : choice.name;
  const noted = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (!TenonError.is(error) || error.code === "STACK_UNKNOWN") throw error;
      faults.push(...faultsOf(error).filter((one) => !faults.some(({ message }) => message === one.message)));
      return undefined;
    }
  };
  const attempt = (kinds: readonly string[]) => noted(() => kernel.resolveStack(choice, { kinds }));
  for (const kind of await kindsOf(attempt)) {
    const stack = await attempt([kind]);
    if (!stack) continue;
    const component = stack.record.components[kind];
    if (component) components[kind] = { flavor: component.flavor };
    if (kind === "orchestrator" && stack.orchestrator.probe) probes[kind] = await stack.orchestrator.probe();
    if (kind === "artifactStore") probes[kind] = await probedArtifacts(stack.artifactStore);
    if (kind === "metadataStore") probes[kind] = await probedMetadata(stack.metadataStore);
  }
  const failed = Object.values(probes).some((findings) => findings.some(({ error }) => error !== undefined));
  // Whether they belong together shows only where both work. The first run makes them belong together, no check.
  if (faults.length === 0 && !failed) await attempt(["artifactStore", "metadataStore"]);
  const hooked = [
    ...(kernel.project.config.integrations ?? []),
    ...(typeof choice === "string" ? [] : choice.integrations),
  ];
  for (const integration of new Set(hooked)) await noted(() => kernel.integrations.activate(integration));
  return { name, components, faults, probes };
}

type Attempt = (kinds: readonly string[]) => Promise<{ readonly record: { readonly components: object } } | undefined>;

async function kindsOf(attempt: Attempt): Promise<Set<string>> {
  const stack = await attempt([]);
  return new Set(["orchestrator", "artifactStore", "metadataStore", ...Object.keys(stack?.record.components ?? {})]);
}

async function probedArtifacts(store: ArtifactStore): Promise<readonly ProbeFinding[]> {
  return store.probe ? await store.probe() : await probeArtifactStore(store);
}

async function probedMetadata(store: MetadataStore): Promise<readonly ProbeFinding[]> {
  return store.probe ? await store.probe() : await probeMetadataStore(store);
}

/** A stack that has several faults brings them as an AggregateError. */
function faultsOf(error: TenonError): readonly TenonError[] {
  const { cause } = error;
  return cause instanceof AggregateError ? (cause.errors as TenonError[]) : [error];
}
