import { suggest } from "../contracts/nearest.js";
import { TenonError } from "../errors.js";
import type { Ledger } from "../ledger/ledger.js";
import type { ArtifactVersionRecord } from "../ledger/records.js";
import type { PageOptions } from "./client.js";

export async function listArtifacts(ledger: Ledger, page: PageOptions): Promise<ArtifactVersionRecord[]> {
  const names = await ledger.artifactNames(page);
  const latest = await Promise.all(names.map((name) => ledger.latestArtifact(name)));
  return latest.filter((artifact) => artifact !== undefined);
}

export async function listVersions(ledger: Ledger, name: string, page: PageOptions): Promise<ArtifactVersionRecord[]> {
  const versions = await ledger.artifactVersions(name, page);
  if (versions.length > 0) return versions;
  throw await unknownName(ledger, name);
}

export async function findArtifact(ledger: Ledger, reference: string): Promise<ArtifactVersionRecord> {
  const at = reference.lastIndexOf("@");
  const name = at > 0 ? reference.slice(0, at) : reference;
  const version = at > 0 ? reference.slice(at + 1) : "latest";
  const found = version === "latest" ? await ledger.latestArtifact(name) : await ledger.artifact(`${name}@${version}`);
  if (found) return found;
  const versions = (await ledger.artifactVersions(name, { limit: 20 })).map((artifact) => artifact.version);
  if (versions.length === 0) throw await unknownName(ledger, name);
  throw new TenonError("ARTIFACT_UNKNOWN", {
    doing: `looking for version '${version}' of the artifact '${name}'`,
    found: `it has the versions ${versions.join(", ")}`,
    ...fixed(suggest(version, versions)),
  });
}

async function unknownName(ledger: Ledger, name: string): Promise<TenonError> {
  const names = await ledger.artifactNames({ limit: 1000 });
  return new TenonError("ARTIFACT_UNKNOWN", {
    doing: `looking for the artifact '${name}'`,
    found: names.length === 0 ? "there are no artifacts yet" : "there is no artifact of that name",
    ...fixed(
      names.length === 0
        ? "Runs make them: tenon run <file.ts>."
        : suggest(name, names, "List them with tenon artifact list."),
    ),
  });
}

function fixed(fix: string | undefined): { fix?: string } {
  return fix === undefined ? {} : { fix };
}
