import type { Integration } from "../contracts/integration.js";
import type { CheckedManifest } from "./manifest.js";

/** Every difference between what a manifest promises and what the code brings, as clauses; none if they agree. */
export function disagreements(manifest: CheckedManifest, integration: Integration): readonly string[] {
  const found: string[] = [];
  if (integration.name !== manifest.integration) {
    found.push(`the manifest names it '${manifest.integration}', its code '${integration.name}'`);
  }
  const promised = Object.entries(manifest.flavors).flatMap(([kind, flavors]) =>
    flavors.map((name) => `${kind} '${name}'`),
  );
  const brought = integration.components.map(({ kind, flavor }) => `${kind.name} '${flavor}'`);
  found.push(...differences(promised, brought));

  found.push(
    ...differences(
      manifest.materializers.map(({ type, writes }) => `materializer '${type}' that writes '${writes}'`),
      integration.materializers.map(({ type, writes }) => `materializer '${type.name}' that writes '${writes}'`),
    ),
  );
  for (const promise of manifest.materializers) {
    const code = integration.materializers.find(
      ({ type, writes }) => type.name === promise.type && writes === promise.writes,
    );
    if (code === undefined) continue;
    const what = `of the materializer '${promise.type}'`;
    found.push(...differences(labelled("class", promise.classes, what), labelled("class", code.classes, what)));
    const reads = [...new Set([code.writes, ...(code.reads ?? [])])];
    found.push(...differences(labelled("read format", promise.reads, what), labelled("read format", reads, what)));
  }

  const hasHooks = Object.keys(integration.hooks).length > 0;
  if (hasHooks && !manifest.hooks) {
    found.push("its code taps hooks, and the manifest does not say hooks: true");
  }
  return found;
}

function differences(promised: readonly string[], brought: readonly string[]): string[] {
  return [
    ...promised
      .filter((name) => !brought.includes(name))
      .map((name) => `the manifest promises the ${name}, which its code does not bring`),
    ...brought
      .filter((name) => !promised.includes(name))
      .map((name) => `its code brings the ${name}, which the manifest does not name`),
  ];
}

function labelled(label: string, names: readonly string[] = [], what: string): string[] {
  return names.map((name) => `${label} '${name}' ${what}`);
}
