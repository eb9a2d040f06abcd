import type { MetadataStore } from "../contracts/metadata-store.js";
import type { Keys } from "./keys.js";
import type { ElementRecord } from "./records.js";
import { parse, read, record, scanAll } from "./text.js";

/** What a step has kept on the way, for a later attempt at the same work. */
export interface CheckpointRecord extends ElementRecord {
  /** The cache key of the step, or what stands for it: equal code, parameters and inputs. */
  readonly work: string;
  readonly runId: string;
  readonly stepId: string;
  readonly created: string;
}

/** The latest checkpoint of each work that was not finished. */
export class Checkpoints {
  constructor(
    private readonly store: MetadataStore,
    private readonly keys: Keys,
  ) {}

  async latest(work: string): Promise<CheckpointRecord | undefined> {
    const found = await read<CheckpointRecord>(this.store, this.keys.checkpoint(work));
    return found?.work === work ? found : undefined;
  }

  /** In place of the one before. */
  async put(checkpoint: CheckpointRecord): Promise<void> {
    await this.store.put([record(this.keys.checkpoint(checkpoint.work), checkpoint)]);
  }

  async forget(work: string): Promise<void> {
    await this.store.delete([this.keys.checkpoint(work)]);
  }

  async all(): Promise<CheckpointRecord[]> {
    const found = await scanAll(this.store, this.keys.checkpoints());
    return found.map(({ key, value }) => parse<CheckpointRecord>(key, value));
  }
}
