import type { JsonObject } from "../contracts/json.js";
import type { MetadataRecord, MetadataStore } from "../contracts/metadata-store.js";
import { parseArtifactId } from "./artifact-versions.js";
import type { Keys } from "./keys.js";
import type { StepRunRecord } from "./records.js";
import { parse, record, scanAll } from "./text.js";

/** Which version of a model. */
export interface ModelId {
  readonly name: string;
  readonly version: string;
  readonly number: number;
}

/** `name@version`. */
export function modelId({ name, version }: { readonly name: string; readonly version: string }): string {
  return `${name}@${version}`;
}

/** Whether a run worked on a model version, or took something from it. */
export type ModelRole = "made" | "used";

export interface ModelRun extends ModelId {
  readonly runId: string;
  readonly role: ModelRole;
}

/** An artifact of a model version. */
export interface ModelArtifact extends ModelId {
  /** The artifact's id. */
  readonly artifact: string;
  /** The run and the step through which it came to the model; the artifact may be older, found in the cache. */
  readonly runId: string;
  readonly stepId: string;
}

interface MetadataOfModel {
  readonly at: string;
  readonly values: JsonObject;
}

/** What model versions have to do with artifacts and runs, from both sides. */
export class ModelLinks {
  readonly #store: MetadataStore;
  readonly #keys: Keys;

  constructor(store: MetadataStore, keys: Keys) {
    this.#store = store;
    this.#keys = keys;
  }

  /** What has to be inserted with a step's outcome, for a step that works on a model. */
  ofStep({ model, runId, stepId, outputs, ended }: StepRunRecord): MetadataRecord[] {
    if (model === undefined) return [];
    const { metadata, ...id } = model;
    const step = `${runId}/${stepId}`;
    const records: MetadataRecord[] = [];
    for (const artifact of new Set(Object.values(outputs))) {
      const { name, version } = parseArtifactId(artifact);
      const link: ModelArtifact = { ...id, artifact, runId, stepId };
      records.push(record(this.#keys.modelArtifact(id.name, id.number, name, version, step), link));
      records.push(record(this.#keys.modelOf(name, version, modelId(id), step), link));
    }
    if (metadata !== undefined && Object.keys(metadata).length > 0) {
      const own: MetadataOfModel = { at: ended, values: metadata };
      records.push(record(this.#keys.modelMetadataBy(id.name, id.number, step), own));
    }
    return records;
  }

  ofRun({ name, version, number }: ModelId, runId: string, role: ModelRole): MetadataRecord[] {
    const link: ModelRun = { name, version, number, runId, role };
    return [
      record(this.#keys.modelRun(name, number, runId, role), link),
      { key: this.#keys.runOfModel(name, number, runId, role), value: "" },
      record(this.#keys.modelOfRun(runId, modelId({ name, version }), role), link),
    ];
  }

  /** Of one name, or all. In no order that means anything. */
  async artifacts({ name, number }: ModelId, artifact?: string): Promise<ModelArtifact[]> {
    return await this.#all<ModelArtifact>(this.#keys.modelArtifacts(name, number, artifact));
  }

  /** The model versions that an artifact belongs to. */
  async modelsOf(artifactId: string): Promise<ModelArtifact[]> {
    const { name, version } = parseArtifactId(artifactId);
    return await this.#all<ModelArtifact>(this.#keys.modelsOf(name, version));
  }

  /** In the order of the runs. */
  async runs({ name, number }: ModelId): Promise<ModelRun[]> {
    return await this.#all<ModelRun>(this.#keys.modelRuns(name, number));
  }

  async modelsOfRun(runId: string): Promise<ModelRun[]> {
    return await this.#all<ModelRun>(this.#keys.modelsOfRun(runId));
  }

  /** What steps have said of a model version; of one name the latest. */
  async metadata({ name, number }: ModelId): Promise<JsonObject> {
    const said = await this.#all<MetadataOfModel>(this.#keys.modelMetadata(name, number));
    said.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
    return Object.assign({}, ...said.map(({ values }) => values)) as JsonObject;
  }

  /** Ids of the runs of a model, newest first; `before` is a run. */
  async runIds(
    name: string,
    { before, limit = 50 }: { readonly before?: string; readonly limit?: number } = {},
  ): Promise<string[]> {
    const prefix = this.#keys.runsOfModel(name);
    const found = new Set<string>();
    let after = before === undefined ? undefined : `${prefix}${before}`;
    for (;;) {
      const page = await this.#store.scan(prefix, { reverse: true, limit: limit + 20, ...(after ? { after } : {}) });
      for (const { key } of page) found.add(key.slice(prefix.length, key.indexOf("/", prefix.length)));
      after = page.at(-1)?.key;
      if (found.size >= limit || page.length < limit + 20) return [...found].slice(0, limit);
    }
  }

  async #all<T>(prefix: string): Promise<T[]> {
    return (await scanAll(this.#store, prefix)).map(({ key, value }) => parse<T>(key, value));
  }
}
