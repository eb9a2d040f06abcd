import { apiVersion, type Integration } from "../contracts/integration.js";
import { suggest } from "../contracts/nearest.js";
import { TenonError } from "../errors.js";
import type { BrokenIntegration, DiscoveredIntegration, Discovery } from "./discovery.js";
import { hookNames } from "./hook-bus.js";
import { packageThatHas } from "./known-integrations.js";
import { disagreements } from "./manifest-agreement.js";
import { commandLine, installCommand, packageManagerOf } from "./package-manager.js";

/** Why what a main module exports by default is no integration; `undefined` if it is one. */
export function shapeFault(value: unknown): string | undefined {
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

export async function installationFaults(
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

export function brokenFault(
  { manifest, packageName, version }: DiscoveredIntegration,
  stage: string,
  cause: unknown,
): TenonError {
  const duplicate = TenonError.is(cause, "CORE_DUPLICATE");
  return new TenonError(duplicate ? "CORE_DUPLICATE" : "INTEGRATION_BROKEN", {
    doing: `${stage} integration '${manifest.integration}' (${packageName} ${version})`,
    found: duplicate ? cause.found : messageOf(cause),
    fix: duplicate ? (cause.fix ?? "") : "Install it anew, or ask its author; the other integrations are not affected.",
    details: { ...(duplicate ? cause.details : {}), integration: manifest.integration },
    cause,
  });
}

export function duplicateFault(name: string, found: readonly DiscoveredIntegration[]): TenonError {
  return new TenonError("INTEGRATION_DUPLICATE", {
    doing: `looking for integration '${name}'`,
    found: `${found.map(({ packageName }) => packageName).join(" and ")} both say that they are it`,
    fix: "Remove one of them from the project's dependencies.",
    details: { integration: name, packages: found.map(({ packageName }) => packageName) },
  });
}

export function manifestFault({ packageName, found, field }: BrokenIntegration): TenonError {
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

export function agreementFaults(
  { manifest, packageName }: DiscoveredIntegration,
  integration: Integration,
): readonly TenonError[] {
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

export function incompatibleFault(
  { manifest, packageName, version }: DiscoveredIntegration,
  projectRoot: string,
): TenonError {
  return new TenonError("INTEGRATION_INCOMPATIBLE", {
    doing: `checking integration '${manifest.integration}' (${packageName} ${version})`,
    found: `it is made for version ${manifest.api} of the core's contracts, and this is ${apiVersion}`,
    fix: `Update it: ${commandLine(installCommand(packageManagerOf(projectRoot), [{ name: packageName }]))}.`,
    details: { integration: manifest.integration, wanted: manifest.api, found: apiVersion },
  });
}

export function secondCoreFault(
  { manifest, packageName }: DiscoveredIntegration,
  own: string,
  second: string,
): TenonError {
  return new TenonError("CORE_DUPLICATE", {
    doing: `checking integration '${manifest.integration}' (${packageName})`,
    found: `it would load a copy of @tenon/core of its own from ${second}, and the one in use is ${own}`,
    fix: "Install @tenon/core once, in the project, as a version that both accept, and install again.",
    details: { integration: manifest.integration, first: own, second },
  });
}

export function unknownFault(name: string, { integrations, missing }: Discovery, projectRoot: string): TenonError {
  const names = integrations.map(({ manifest }) => manifest.integration);
  const official = packageThatHas({ integration: name });
  const manager = packageManagerOf(projectRoot);
  const absent = missing.find((one) => one === official || one === name || one.endsWith(`plugin-${name}`));
  const installed = names.length === 0 ? "none is installed" : `installed are ${names.join(", ")}`;
  const fix =
    absent !== undefined
      ? `Run ${manager} install.`
      : official !== undefined
        ? `Install it: ${commandLine(installCommand(manager, [{ name: official }]))}.`
        : suggest(name, names);
  return new TenonError("INTEGRATION_UNKNOWN", {
    doing: `looking for integration '${name}' among the dependencies of ${projectRoot}`,
    found: absent === undefined ? installed : `${absent} is a dependency and is not installed`,
    ...(fix === undefined ? {} : { fix }),
    details: { integration: name, installed: names },
  });
}
