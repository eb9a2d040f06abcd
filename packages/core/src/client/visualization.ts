import type { ArtifactVault } from "../artifacts/artifact-vault.js";
import { suggest } from "../contracts/nearest.js";
import { TenonError } from "../errors.js";
import type { ArtifactVersionRecord } from "../ledger/records.js";

export async function visualization(
  vault: ArtifactVault,
  artifact: ArtifactVersionRecord,
  name: string,
): Promise<Uint8Array> {
  const names = artifact.visualizations.map((one) => one.name);
  if (names.includes(name)) return vault.visualization({ location: artifact.location }, name);
  const fix = suggest(name, names);
  throw new TenonError("ARTIFACT_UNKNOWN", {
    doing: `looking for the visualization '${name}' of ${artifact.name}@${artifact.version}`,
    found: names.length === 0 ? "it has no visualizations" : `it has ${names.join(", ")}`,
    ...(fix === undefined ? {} : { fix }),
  });
}
