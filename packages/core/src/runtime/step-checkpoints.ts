import type { ArtifactVault } from "../artifacts/artifact-vault.js";
import type { ArtifactType } from "../contracts/artifact-type.js";
import { TenonError } from "../errors.js";
import type { CheckpointRecord, Checkpoints } from "../ledger/checkpoints.js";
import type { Ledger } from "../ledger/ledger.js";
import type { StepCheckpoints } from "../pipeline/context.js";
import type { CacheKey } from "./cache-key.js";

export interface CheckpointedWork {
  readonly runId: string;
  readonly stepId: string;
  readonly cache: CacheKey | undefined;
}

/** Keeps what a step asks to have kept in the artifact store: bytes first, then the record, then the one before goes. */
export class CheckpointKeeper implements StepCheckpoints {
  readonly #vault: ArtifactVault;
  readonly #checkpoints: Checkpoints;
  readonly #of: CheckpointedWork;
  readonly #work: string;
  readonly #signal: AbortSignal;
  /** The one that is on record; undefined before anybody has asked. */
  #known: Promise<CheckpointRecord | undefined> | undefined;

  constructor(services: { ledger: Ledger; vault: ArtifactVault }, of: CheckpointedWork, signal: AbortSignal) {
    this.#vault = services.vault;
    this.#checkpoints = services.ledger.checkpoints;
    this.#of = of;
    this.#signal = signal;
    // What cannot be found again by its content is found again in its run.
    this.#work = of.cache?.key ?? `${of.runId}/${of.stepId}`;
  }

  async save(value: unknown, { type }: { readonly type?: ArtifactType<unknown> } = {}): Promise<void> {
    const before = await this.#latest();
    const { runId, stepId } = this.#of;
    const location = this.#vault.location(`${stepId}.checkpoint`);
    const saved = await this.#vault.save(value, { type, location, signal: this.#signal });
    const { type: typeName, materializer, format, size, digest } = saved;
    const checkpoint = { location, type: typeName, materializer, format, size, digest };
    const created = new Date().toISOString();
    const record: CheckpointRecord = { ...checkpoint, work: this.#work, runId, stepId, created };
    await this.#checkpoints.put(record);
    this.#known = Promise.resolve(record);
    if (before !== undefined) await this.#vault.discard(before.location);
  }

  async latest<T>(type?: ArtifactType<T>): Promise<T | undefined> {
    const checkpoint = await this.#latest();
    if (checkpoint === undefined) return undefined;
    try {
      return (await this.#vault.load(checkpoint, { as: type, signal: this.#signal })) as T;
    } catch (error) {
      // Another attempt at the same work has gone on meanwhile, or it was collected: the work begins anew.
      if (TenonError.is(error, "ARTIFACT_MISSING")) return undefined;
      throw error;
    }
  }

  /** Once the work is done. Costs nothing for a step that has not asked for checkpoints. */
  async drop(): Promise<void> {
    const checkpoint = await this.#known;
    if (checkpoint === undefined) return;
    await this.#checkpoints.forget(this.#work);
    await this.#vault.discard(checkpoint.location);
  }

  #latest(): Promise<CheckpointRecord | undefined> {
    this.#known ??= this.#checkpoints.latest(this.#work);
    return this.#known;
  }
}
