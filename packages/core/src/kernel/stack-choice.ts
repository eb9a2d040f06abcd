import type { ComponentReference } from "../contracts/component.js";
import { suggest } from "../contracts/nearest.js";
import { TenonError } from "../errors.js";
import type { StackRecord } from "../ledger/records.js";
import type { Configuration } from "./configuration.js";
import { isStack, type Stack } from "./stack-definition.js";

/** A name in `tenon.yaml`, a stack in code, or the record of a stack (as a worker in another process is given it). */
export type StackChoice = string | Stack | StackRecord;

export interface ChosenStack {
  readonly name: string;
  /** Where it is written down, for messages. */
  readonly origin: string;
  readonly components: Readonly<Record<string, ComponentReference>>;
  readonly integrations: readonly string[];
  /** Kinds that the program which made the record had bound itself. */
  readonly bound?: readonly string[];
}

/** Recorded instead of a flavor where the program registered the component in the container. */
export const boundFlavor = "bound in code";

/** What a project gets that says nothing about stacks. */
const local: Readonly<Record<string, Plain>> = {
  orchestrator: { flavor: "local/local", config: {} },
  artifactStore: { flavor: "local/filesystem", config: {} },
  metadataStore: { flavor: "local/sqlite", config: {} },
};

interface Plain {
  readonly flavor: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** @throws `STACK_UNKNOWN` */
export function chooseStack(choice: StackChoice | undefined, config: Configuration): ChosenStack {
  if (isStack(choice)) {
    return {
      name: choice.name,
      origin: "the program",
      components: choice.components,
      integrations: choice.integrations,
    };
  }
  if (typeof choice === "object") {
    const entries = Object.entries(choice.components);
    const components = Object.fromEntries(entries.filter(([, { flavor }]) => flavor !== boundFlavor));
    const bound = entries.filter(([, { flavor }]) => flavor === boundFlavor).map(([kind]) => kind);
    return {
      name: choice.name,
      origin: "the run's record",
      components: references(components),
      integrations: [],
      bound,
    };
  }
  const name = choice ?? config.stack ?? "local";
  const named = config.stacks !== undefined && Object.hasOwn(config.stacks, name) ? config.stacks[name] : undefined;
  if (named !== undefined) return { name, origin: "tenon.yaml", components: references(named), integrations: [] };
  if (name === "local") return { name, origin: "the defaults", components: references(local), integrations: [] };
  const known = [...Object.keys(config.stacks ?? {}), "local"];
  throw new TenonError("STACK_UNKNOWN", {
    doing: `looking for the stack '${name}'`,
    found: `the project has ${known.join(", ")}`,
    fix: suggest(name, known, "Define it under 'stacks' in tenon.yaml.") as string,
    details: { stack: name, known },
  });
}

function references(components: Readonly<Record<string, Plain>>): Record<string, ComponentReference> {
  return Object.fromEntries(
    Object.entries(components).map(([kind, { flavor, config }]) => [kind, { component: true, kind, flavor, config }]),
  );
}

/** One fault is thrown as what it is; several are listed in one `STACK_INVALID`, with the faults in its details. */
export function stackFault({ name, origin }: ChosenStack, faults: readonly TenonError[]): TenonError {
  const [only] = faults;
  if (faults.length === 1 && only !== undefined) return only;
  const lines = faults.map((fault) => `\n  - ${fault.message}`);
  return new TenonError("STACK_INVALID", {
    doing: `checking the stack '${name}' of ${origin}`,
    found: `it has ${faults.length} faults:${lines.join("")}\n`,
    details: { stack: name, faults: faults.map(({ code, message, details }) => ({ code, message, details })) },
    cause: new AggregateError(faults, "The faults of the stack"),
  });
}
