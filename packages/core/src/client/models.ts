import type { JsonObject } from "../contracts/json.js";
import { type ModelStage, referableStages } from "../contracts/reference.js";
import type { Ledger } from "../ledger/ledger.js";
import type { ModelArtifact, ModelRun } from "../ledger/model-links.js";
import type { ModelVersionSummary } from "../ledger/models.js";

/** A model with its latest version, and the versions that have a stage. */
export interface ModelSummary {
  readonly name: string;
  readonly latest: ModelVersionSummary;
  /** By version. */
  readonly stages: Readonly<Record<string, ModelStage>>;
}

/** A version of a model with all that belongs to it. */
export interface ModelVersion extends ModelVersionSummary {
  /** What steps have said about it. */
  readonly metadata: JsonObject;
  /** What runs made for it, in the order of the names; each artifact once. */
  readonly artifacts: readonly ModelArtifact[];
  /** Those that worked on it, and those that took something from it. */
  readonly runs: readonly ModelRun[];
}

export interface ModelPage {
  /** At most so many; by default 50. */
  readonly limit?: number;
}

/** In the order of the names. */
export async function listModels(
  ledger: Ledger,
  page: ModelPage & { readonly after?: string },
): Promise<ModelSummary[]> {
  const names = await ledger.models.names(page);
  const found = await Promise.all(
    names.map(async (name): Promise<ModelSummary[]> => {
      const [[latest], stages] = await Promise.all([
        ledger.models.versions(name, { limit: 1 }),
        ledger.models.stages(name),
      ]);
      return latest ? [{ name, latest, stages }] : [];
    }),
  );
  return found.flat();
}

/** @throws `MODEL_UNKNOWN` */
export async function listModelVersions(
  ledger: Ledger,
  name: string,
  page: ModelPage & { readonly before?: number },
): Promise<ModelVersionSummary[]> {
  const versions = await ledger.models.versions(name, page);
  if (versions.length === 0 && page.before === undefined) throw await ledger.models.unknown(name);
  return versions;
}

/** @throws `MODEL_UNKNOWN`, `MODEL_STAGE_UNKNOWN` */
export async function findModelVersion(ledger: Ledger, reference: string): Promise<ModelVersion> {
  const model = await find(ledger, reference);
  const { links } = ledger.models;
  const [metadata, artifacts, runs] = await Promise.all([
    links.metadata(model),
    links.artifacts(model),
    links.runs(model),
  ]);
  const once = new Map<string, ModelArtifact>();
  for (const link of artifacts) {
    const before = once.get(link.artifact);
    if (before === undefined || link.runId < before.runId) once.set(link.artifact, link);
  }
  const sorted = [...once.values()].sort((a, b) => (a.artifact < b.artifact ? -1 : 1));
  return { ...model, metadata, artifacts: sorted, runs };
}

/** @throws `MODEL_UNKNOWN`, `MODEL_STAGE_UNKNOWN` */
export async function setModelStage(
  ledger: Ledger,
  reference: string,
  stage: ModelStage | undefined,
): Promise<ModelVersionSummary> {
  const { name, version } = await find(ledger, reference);
  return await ledger.models.setStage(name, version, stage);
}

async function find(ledger: Ledger, reference: string): Promise<ModelVersionSummary> {
  const at = reference.lastIndexOf("@");
  const name = at > 0 ? reference.slice(0, at) : reference;
  const which = at > 0 ? reference.slice(at + 1) : "latest";
  if (which === "latest") return await ledger.models.find(name);
  const stage = referableStages.find((one) => one === which);
  return await ledger.models.find(name, stage === undefined ? { version: which } : { stage });
}
