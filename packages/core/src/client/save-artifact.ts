import type { ArtifactType } from "../contracts/artifact-type.js";
import type { JsonValue } from "../contracts/json.js";
import type { Visualization } from "../contracts/materializer.js";
import type { ArtifactVersionRecord } from "../ledger/records.js";
import type { Connection } from "./connection.js";
import type { RecordedArtifact } from "./recorded-artifact.js";

export interface SaveArtifactOptions<T> {
  /** By default the materializer is found by the value. */
  readonly type?: ArtifactType<T>;
  readonly tags?: readonly string[];
  /** Beside what the type's materializer says of it. */
  readonly metadata?: Readonly<Record<string, JsonValue>>;
  /** Beside what the type's materializer draws. */
  readonly visualizations?: readonly Visualization[];
  readonly signal?: AbortSignal;
}

export interface StoredValue<T> {
  readonly artifact: RecordedArtifact<T>;
  /** True if the latest version was the same, and nothing was stored. */
  readonly known: boolean;
}

export async function saveArtifact(
  { ledger, claim, ...connection }: Connection,
  name: string,
  value: unknown,
  { tags = [], signal, ...options }: SaveArtifactOptions<unknown>,
): Promise<{ readonly record: ArtifactVersionRecord; readonly known: boolean }> {
  const vault = await connection.vault();
  const encoded = await vault.encode(value, { ...options, signal });
  try {
    const latest = await ledger.latestArtifact(name);
    if (latest?.digest === encoded.digest && (await vault.exists(latest))) return { record: latest, known: true };
    await claim();
    const saved = await encoded.store(vault.location(name), { signal });
    // What an older version was already is a new version all the same: otherwise the latest would not be the last one. If it is
    // the latest by now, somebody else has just stored it.
    const [before] = await ledger.artifactsWithContent([{ name, digest: encoded.digest }]);
    const now = before && (await ledger.latestArtifact(name));
    if (now?.digest === encoded.digest && now.version !== latest?.version) return { record: now, known: true };
    const created = new Date().toISOString();
    const record = await ledger.addArtifact({ ...saved, name, tags, created }, { again: before !== undefined });
    return { record, known: record.location !== saved.location };
  } finally {
    await encoded.dispose();
  }
}
