import { type ComponentReference, kinds } from "../contracts/component.js";
import type { AnyComponentDefinition } from "../contracts/integration.js";
import { nearestName } from "../contracts/nearest.js";
import { TenonError } from "../errors.js";
import type { KernelContainer } from "./container.js";
import type { DiscoveredIntegration } from "./discovery.js";
import type { Integrations } from "./integrations.js";
import { packageThatHas } from "./known-integrations.js";
import { commandLine, installCommand, packageManagerOf } from "./package-manager.js";

export interface FoundDefinition {
  readonly definition: AnyComponentDefinition;
  /** With its integration where it has one: `local/sqlite`. */
  readonly flavor: string;
  /** Absent for a component that the project defines itself. */
  readonly integration: DiscoveredIntegration | undefined;
}

/**
 * The definition behind one line of a stack. Only the integration that has it is activated.
 *
 * @throws `FLAVOR_UNKNOWN`, `COMPONENT_INVALID`, and whatever the activation of the integration throws
 */
export async function findDefinition(
  kind: string,
  reference: ComponentReference,
  { integrations, container, root }: { integrations: Integrations; container: KernelContainer; root: string },
): Promise<FoundDefinition> {
  const { flavor, definition } = reference;
  if (reference.kind !== kind) {
    throw new TenonError("COMPONENT_INVALID", {
      doing: `looking at the ${kind} of the stack`,
      found: `'${flavor}' is of the kind ${reference.kind}`,
    });
  }
  const [short, prefix] = flavor.includes("/") ? flavor.split("/").reverse() : [flavor];
  if (short === undefined) throw unknownFlavor(kind, flavor, integrations, root);
  const having = integrations.discovery.integrations.filter(({ manifest }) => manifest.flavors[kind]?.includes(short));

  if (definition !== undefined) {
    for (const candidate of having) {
      const { integration } = await integrations.activate(candidate.manifest.integration);
      if (integration.components.some((one) => one === (definition as unknown))) {
        return {
          definition: definition as never,
          flavor: `${candidate.manifest.integration}/${short}`,
          integration: candidate,
        };
      }
    }
    return { definition: definition as never, flavor, integration: undefined };
  }

  if (prefix !== undefined) integrations.find(prefix);
  const meant = prefix === undefined ? having : having.filter(({ manifest }) => manifest.integration === prefix);
  const [found, other] = meant;
  if (found === undefined) throw unknownFlavor(kind, flavor, integrations, root);
  if (other !== undefined) {
    const choices = meant.map(({ manifest }) => `${manifest.integration}/${short}`);
    throw new TenonError("FLAVOR_UNKNOWN", {
      doing: `looking for the ${kind} '${flavor}'`,
      found: `several integrations have one: ${choices.join(", ")}`,
      fix: "Write which one is meant.",
      details: { kind, flavor, choices },
    });
  }
  const name = found.manifest.integration;
  await integrations.activate(name);
  const token = { id: `definition/${kind}/${name}/${short}` };
  if (!container.has(token)) {
    throw new TenonError("INTEGRATION_MANIFEST_INVALID", {
      doing: `looking for the ${kind} '${short}' in integration '${name}'`,
      found: `the manifest of ${found.packageName} ${found.version} promises it, and its code does not bring it`,
      fix: "Its author has to mend one of the two.",
      details: { integration: name, kind, flavor: short },
    });
  }
  return {
    definition: container.resolve(token) as AnyComponentDefinition,
    flavor: `${name}/${short}`,
    integration: found,
  };
}

function unknownFlavor(kind: string, flavor: string, integrations: Integrations, root: string): TenonError {
  const { integrations: installed, broken } = integrations.discovery;
  const known = installed.flatMap(({ manifest }) =>
    (manifest.flavors[kind] ?? []).map((name) => `${manifest.integration}/${name}`),
  );
  const allKinds = [
    ...new Set([...Object.keys(kinds), ...installed.flatMap(({ manifest }) => Object.keys(manifest.flavors))]),
  ];
  const elsewhere = allKinds.filter((one) =>
    installed.some(({ manifest }) => manifest.flavors[one]?.includes(flavor.split("/").at(-1) ?? "")),
  );
  const short = nearestName(
    flavor,
    known.map((name) => name.split("/").at(-1) ?? name),
  );
  const nearest = flavor.includes("/") ? nearestName(flavor, known) : known.find((name) => name.endsWith(`/${short}`));
  const official = packageThatHas({ flavor });
  const install = official && commandLine(installCommand(packageManagerOf(root), [{ name: official }]));
  const otherKind = allKinds.includes(kind) ? undefined : nearestName(kind, allKinds);
  const fix =
    elsewhere.length > 0
      ? `It is a flavor of ${elsewhere.join(", ")}.`
      : otherKind !== undefined
        ? `Did you mean the kind '${otherKind}'?`
        : nearest !== undefined
          ? `Did you mean '${nearest}'?`
          : install !== undefined && !installed.some(({ packageName }) => packageName === official)
            ? `Install it: ${install}.`
            : undefined;
  return new TenonError("FLAVOR_UNKNOWN", {
    doing: `looking for the ${kind} '${flavor}'`,
    found:
      (known.length === 0 ? `no installed integration has one` : `installed integrations have ${known.join(", ")}`) +
      (broken.length === 0
        ? ""
        : ` (the manifest of ${broken.map((one) => one.packageName).join(", ")} cannot be read)`),
    ...(fix === undefined ? {} : { fix }),
    details: { kind, flavor, known },
  });
}
