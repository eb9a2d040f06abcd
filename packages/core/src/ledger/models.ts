import type { MetadataRecord, MetadataStore } from "../contracts/metadata-store.js";
import { suggest } from "../contracts/nearest.js";
import type { ModelDeclaration } from "../contracts/plan.js";
import { type ModelStage, type ReferableStage, referableStages } from "../contracts/reference.js";
import { TenonError } from "../errors.js";
import { insertWithLinks } from "./insert-with-links.js";
import type { Keys } from "./keys.js";
import { type ModelId, type ModelLinks, modelId } from "./model-links.js";
import { ModelStages } from "./model-stages.js";
import { nameOf } from "./names.js";
import type { Pins } from "./pins.js";
import { parse, read, readMany, record } from "./text.js";

/** Written once; what happens to a version later is in links and stage events. */
export interface ModelVersionRecord extends ModelId {
  readonly tags: readonly string[];
  readonly created: string;
  /** The run that made it. */
  readonly runId: string;
}

export interface ModelVersionSummary extends ModelVersionRecord {
  readonly stage?: ModelStage;
}

const numeric = /^[1-9]\d{0,9}$/;

/** Versions of models: 1, 2, 3 … for each name, and the stages that they are in. */
export class Models {
  readonly #store: MetadataStore;
  readonly #keys: Keys;
  readonly #pins: Pins;
  readonly #stages: ModelStages;
  readonly links: ModelLinks;

  constructor(store: MetadataStore, keys: Keys, pins: Pins, links: ModelLinks) {
    this.#store = store;
    this.#keys = keys;
    this.#pins = pins;
    this.#stages = new ModelStages(store, keys);
    this.links = links;
  }

  /**
   * The version that a run works on: a new one, or the one that it names, which is made if it has a name of its own.
   * Asked again for the same run (it was resumed) the answer is the same.
   *
   * @throws `MODEL_UNKNOWN` if there is no version of that number
   */
  async openFor(runId: string, { name, version, tags }: ModelDeclaration): Promise<ModelVersionRecord> {
    const selector = JSON.stringify(["model of the run", name, version ?? null]);
    for (;;) {
      const [pin] = await this.#pins.get(runId, [selector]);
      if (pin) return await this.find(name, { version: (pin.model as string).slice(name.length + 1) });
      const there = version === undefined ? undefined : await this.get(name, version);
      if (version !== undefined && !there && numeric.test(version)) return await this.find(name, { version });
      const model = there ?? (await this.#next(name, version, tags, runId));
      const deciding = [
        this.#pins.record(runId, { selector, model: modelId(model) }),
        ...(there ? [] : this.#records(model)),
      ];
      const taken = await insertWithLinks(this.#store, deciding, this.links.ofRun(model, runId, "made"));
      if (taken.length === 0) return model;
    }
  }

  async get(name: string, version: string): Promise<ModelVersionRecord | undefined> {
    const number = numeric.test(version)
      ? Number(version)
      : await read<number>(this.#store, this.#keys.namedModelVersion(name, version));
    return number === undefined ? undefined : await read(this.#store, this.#keys.modelVersion(name, number));
  }

  /**
   * By its version, by its stage, or the latest.
   *
   * @throws `MODEL_UNKNOWN`, `MODEL_STAGE_UNKNOWN`; either says what there is
   */
  async find(
    name: string,
    { version, stage }: { readonly version?: string | undefined; readonly stage?: ReferableStage | undefined } = {},
  ): Promise<ModelVersionSummary> {
    const stages = await this.#stages.of(name);
    const held = Object.keys(stages).find((one) => stages[one] === stage);
    const wanted = stage === undefined ? version : held;
    if (stage !== undefined && wanted === undefined) throw await this.#stageUnknown(name, stage, stages);
    const found = wanted === undefined ? (await this.#list(name, { limit: 1 }))[0] : await this.get(name, wanted);
    if (!found) throw await this.unknown(name, wanted);
    return withStage(found, stages);
  }

  /** Newest first; `before` is a number. Empty for a model that there is not. */
  async versions(
    name: string,
    page: { readonly before?: number; readonly limit?: number } = {},
  ): Promise<ModelVersionSummary[]> {
    const [found, stages] = await Promise.all([this.#list(name, page), this.#stages.of(name)]);
    return found.map((model) => withStage(model, stages));
  }

  /** In the order of the names' bytes. */
  async names({ after, limit = 50 }: { readonly after?: string; readonly limit?: number } = {}): Promise<string[]> {
    const prefix = this.#keys.modelNames();
    const start = after === undefined ? {} : { after: this.#keys.modelName(after) };
    return (await this.#store.scan(prefix, { limit, ...start })).map(({ key }) => nameOf(key.slice(prefix.length)));
  }

  /** By version; those that never had a stage are not among them. */
  async stages(name: string): Promise<Readonly<Record<string, ModelStage>>> {
    return await this.#stages.of(name);
  }

  /**
   * Moves a version to a stage, or out of any. The version that had the stage before becomes archived in the same
   * moment.
   *
   * @throws `MODEL_UNKNOWN`, `MODEL_STAGE_UNKNOWN`
   */
  async setStage(name: string, version: string, stage: ModelStage | undefined): Promise<ModelVersionSummary> {
    const model = await this.get(name, version);
    if (!model) throw await this.unknown(name, version);
    return withStage(model, await this.#stages.move(name, model.version, stage));
  }

  /** What to say of a model, or a version of one, that there is not. */
  async unknown(name: string, version?: string): Promise<TenonError> {
    const versions = (await this.#list(name, { limit: 20 })).map((model) => model.version);
    const known = versions.length > 0 ? versions : await this.names({ limit: 1000 });
    const isVersion = versions.length > 0 && version !== undefined;
    const doing = `looking for ${isVersion ? `version '${version}' of ` : ""}the model '${name}'`;
    const all = known.length > 20 ? `${known.slice(0, 20).join(", ")} and ${known.length - 20} more` : known.join(", ");
    return new TenonError("MODEL_UNKNOWN", {
      doing,
      found:
        known.length === 0 ? "there are no models yet" : isVersion ? `it has the versions ${all}` : `there are ${all}`,
      fix: suggest(
        isVersion ? version : name,
        isVersion ? [...known, ...referableStages] : known,
        isVersion
          ? `Name one of them, or one by its stage: ${referableStages.join(" or ")}.`
          : "A run makes one whose pipeline or step says model: { name }.",
      ) as string,
    });
  }

  async #stageUnknown(name: string, stage: string, stages: Readonly<Record<string, ModelStage>>): Promise<TenonError> {
    const [latest] = await this.#list(name, { limit: 1 });
    if (!latest) return await this.unknown(name);
    const staged = Object.entries(stages).map(([version, own]) => `version ${version} in ${own}`);
    return new TenonError("MODEL_STAGE_UNKNOWN", {
      doing: `looking for the version in stage '${stage}' of the model '${name}'`,
      found: staged.length === 0 ? "no version of it is in any stage" : `it has ${staged.join(", ")}`,
      fix: `Move one there: tenon model stage ${name}@${latest.version} ${stage}`,
    });
  }

  async #next(name: string, version: string | undefined, tags: readonly string[], runId: string) {
    const [last] = await this.#list(name, { limit: 1 });
    const number = (last?.number ?? 0) + 1;
    const created = new Date().toISOString();
    return { name, version: version ?? String(number), number, tags, created, runId } satisfies ModelVersionRecord;
  }

  #records(model: ModelVersionRecord): MetadataRecord[] {
    const { name, version, number } = model;
    const records = [record(this.#keys.modelVersion(name, number), model)];
    if (number === 1) records.push({ key: this.#keys.modelName(name), value: "" });
    if (version !== String(number)) records.push(record(this.#keys.namedModelVersion(name, version), number));
    return records;
  }

  async #list(
    name: string,
    { before, limit = 50 }: { readonly before?: number; readonly limit?: number } = {},
  ): Promise<ModelVersionRecord[]> {
    const after = before === undefined ? {} : { after: this.#keys.modelVersion(name, before) };
    const page = await this.#store.scan(this.#keys.modelVersions(name), { reverse: true, limit, ...after });
    return page.map(({ key, value }) => parse<ModelVersionRecord>(key, value));
  }

  /** In the order of the ids; `undefined` where there is none. One read for all that are known by their number. */
  async getMany(ids: readonly ModelId[]): Promise<(ModelVersionRecord | undefined)[]> {
    return await readMany(
      this.#store,
      ids.map(({ name, number }) => this.#keys.modelVersion(name, number)),
    );
  }
}

function withStage(model: ModelVersionRecord, stages: Readonly<Record<string, ModelStage>>): ModelVersionSummary {
  const stage = Object.hasOwn(stages, model.version) ? stages[model.version] : undefined;
  return stage === undefined ? model : { ...model, stage };
}
