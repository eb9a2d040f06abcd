import type { ArtifactSummary } from "../contracts/hooks.js";
import type { ArtifactVersionRecord } from "../ledger/records.js";

/** What hooks are told of an artifact. */
export function artifactSummary(record: ArtifactVersionRecord): ArtifactSummary {
  const { name, version, type, digest, size, metadata } = record;
  return { name, version, type, digest, size, metadata };
}

export function artifactSummaries(
  records: Readonly<Record<string, ArtifactVersionRecord>>,
): Record<string, ArtifactSummary> {
  return Object.fromEntries(Object.entries(records).map(([output, record]) => [output, artifactSummary(record)]));
}
