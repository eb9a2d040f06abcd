import { metadataValue, readMetadata } from "../contracts/metadata-values.js";
import { describeTarget, type ReferenceTarget } from "../contracts/reference.js";
import type { Schema } from "../contracts/schema.js";
import { TenonError } from "../errors.js";
import type { ModelVersionRecord } from "../ledger/models.js";
import type { ArtifactVersionRecord } from "../ledger/records.js";
import type { Connection } from "./connection.js";

/** The value that a reference means now. */
export async function readArtifact<T>({ ledger, vault }: Connection, target: ReferenceTarget): Promise<T> {
  const found = await ledger.references.find(target);
  if (target.optional && !found.artifact) return null as T;
  const record = found.artifact as ArtifactVersionRecord;
  const artifacts = await vault();
  if (!(await artifacts.exists(record))) {
    throw new TenonError("ARTIFACT_MISSING", {
      doing: `looking for ${describeTarget(target)}`,
      found: `it is ${record.name}@${record.version}, which is on record, but its bytes were deleted`,
      fix: "Name another version, or make this one again by running its pipeline.",
    });
  }
  return (await artifacts.load(record, target.type === undefined ? {} : { as: target.type })) as T;
}

/** What is recorded under a reference's key now. */
export async function readMetadataOf<T>(
  { ledger }: Connection,
  target: ReferenceTarget,
  schema: Schema<T> | undefined,
): Promise<T> {
  const { artifact, model } = await ledger.references.find(target);
  const key = target.metadata as string;
  const values = artifact ? artifact.metadata : await ledger.models.links.metadata(model as ModelVersionRecord);
  const owner = artifact ?? (model as ModelVersionRecord);
  const of = `the ${artifact ? "artifact" : "model"} ${owner.name}@${owner.version}`;
  if (schema === undefined) metadataValue(values, key, of, target.expects);
  return await readMetadata(values, key, of, schema);
}
