import { suggest } from "../contracts/nearest.js";
import { TenonError } from "../errors.js";
import type { Ledger } from "../ledger/ledger.js";
import type { ArtifactVersionRecord } from "../ledger/records.js";

/** The latest version of each artifact of a page of names: a handful of queries, however many versions there are. */
export async function listArtifacts(
  ledger: Ledger,
  page: { readonly limit: number; readonly after?: string },
): Promise<{ readonly items: readonly ArtifactVersionRecord[]; readonly next?: string }> {
  const names = await ledger.artifactNames(page);
  const latest = await ledger.latestArtifacts(names);
  // Of some names every version may have been removed.
  const items = latest.filter((artifact) => artifact !== undefined);
  const last = names.length < page.limit ? undefined : names.at(-1);
  return last === undefined ? { items } : { items, next: last };
}

export async function listVersions(
  ledger: Ledger,
  name: string,
  page: { readonly limit?: number; readonly before?: number },
): Promise<ArtifactVersionRecord[]> {
  const versions = await ledger.artifactVersions(name, page);
  if (versions.length > 0 || page.before !== undefined) return versions;
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

/** `name@version` for a name without a version, or `@latest`. */
export async function nameLatest(ledger: Ledger, reference: string): Promise<string> {
  if (reference.includes("@") && !reference.endsWith("@latest")) return reference;
  const { name, version } = await findArtifact(ledger, reference);
  return `${name}@${version}`;
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
