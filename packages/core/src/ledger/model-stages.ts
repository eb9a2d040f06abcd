import type { MetadataStore } from "../contracts/metadata-store.js";
import { suggest } from "../contracts/nearest.js";
import { type ModelStage, modelStages } from "../contracts/reference.js";
import { TenonError } from "../errors.js";
import type { Keys } from "./keys.js";
import { insertOnce, parse, record } from "./text.js";

type Stages = Readonly<Record<string, ModelStage>>;

/** One move. Each holds where all versions are after it, so that the last one is all there is to read. */
export interface ModelStageEvent {
  readonly number: number;
  readonly created: string;
  /** What was moved, and where to; null for out of any stage. */
  readonly version: string;
  readonly stage: ModelStage | null;
  readonly stages: Stages;
}

/** In which stage versions of models are. Moves are numbered events: who inserts the next number has moved. */
export class ModelStages {
  readonly #store: MetadataStore;
  readonly #keys: Keys;

  constructor(store: MetadataStore, keys: Keys) {
    this.#store = store;
    this.#keys = keys;
  }

  async of(name: string): Promise<Stages> {
    return (await this.#last(name))?.stages ?? {};
  }

  /** @throws `MODEL_STAGE_UNKNOWN` */
  async move(name: string, version: string, stage: ModelStage | undefined): Promise<Stages> {
    checkStage(stage, `moving version ${version} of the model '${name}'`);
    for (;;) {
      const last = await this.#last(name);
      const before = last?.stages ?? {};
      if (before[version] === stage) return before;
      const stages = moved(before, version, stage);
      const number = (last?.number ?? 0) + 1;
      const created = new Date().toISOString();
      const event: ModelStageEvent = { number, created, version, stage: stage ?? null, stages };
      if (await insertOnce(this.#store, [record(this.#keys.modelStage(name, number), event)])) return stages;
    }
  }

  async #last(name: string): Promise<ModelStageEvent | undefined> {
    const [last] = await this.#store.scan(this.#keys.modelStages(name), { reverse: true, limit: 1 });
    return last && parse<ModelStageEvent>(last.key, last.value);
  }
}

/** A stage has one version; the former one is archived by the same event. Any number may be archived. */
function moved(before: Stages, version: string, stage: ModelStage | undefined): Stages {
  const after: Record<string, ModelStage> = {};
  for (const [other, own] of Object.entries(before)) {
    if (other !== version) after[other] = own === stage ? "archived" : own;
  }
  if (stage !== undefined) after[version] = stage;
  return after;
}

function checkStage(stage: string | undefined, doing: string): void {
  if (stage === undefined || (modelStages as readonly string[]).includes(stage)) return;
  throw new TenonError("MODEL_STAGE_UNKNOWN", {
    doing,
    found: `there is no stage '${stage}'; stages are ${modelStages.join(", ")}`,
    ...(suggest(stage, modelStages) && { fix: suggest(stage, modelStages) as string }),
  });
}
