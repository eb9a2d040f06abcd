import { artifactId } from "../ledger/artifact-versions.js";
import type { ModelId } from "../ledger/model-links.js";
import type { StepRunRecord } from "../ledger/records.js";
import type { CacheKey } from "./cache-key.js";
import type { Hit } from "./cache-lookup.js";
import type { ResolvedInputs } from "./resolve-inputs.js";
import type { RunContext } from "./run-context.js";
import type { Failure, Work } from "./work.js";

const BATCH = 500;

/**
 * Records of steps that commit nothing themselves, gathered and written many at a time. What a crash takes with it is
 * found out again when the run is resumed.
 */
export class StepRecords {
  readonly #run: Pick<RunContext, "id" | "ledger" | "session">;
  #pending: StepRunRecord[] = [];
  #writing: Promise<void> = Promise.resolve();
  #failed: { readonly error: unknown } | undefined;

  constructor(run: Pick<RunContext, "id" | "ledger" | "session">) {
    this.#run = run;
  }

  cached(id: string, inputs: ResolvedInputs, cache: CacheKey, hit: Hit, model: ModelId | undefined): void {
    const outputs = Object.fromEntries(
      Object.entries(hit.artifacts).map(([output, artifact]) => [output, artifactId(artifact)]),
    );
    const { metadata, runMetadata, modelMetadata } = hit.said;
    this.#add(id, {
      status: "cached",
      inputs,
      outputs,
      ...(hit.elements && { elements: hit.elements }),
      cacheKey: cache.key,
      cacheParts: cache.parts,
      cachedFrom: hit.fromRun,
      ...(metadata && { metadata }),
      ...(runMetadata && { runMetadata }),
      ...(model && { model: { ...model, ...(modelMetadata && { metadata: modelMetadata }) } }),
    });
  }

  failed(
    work: Pick<Work, "id" | "inputs" | "attempt"> & { readonly cache?: CacheKey | undefined },
    { record, durationMs }: Failure,
  ): void {
    const { id, inputs, attempt, cache } = work;
    const key = cache && { cacheKey: cache.key, cacheParts: cache.parts };
    const started = new Date(Date.now() - durationMs).toISOString();
    this.#add(id, { status: "failed", inputs, attempt, started, durationMs, error: record, ...key });
  }

  cancelled({ id, inputs, attempt, launched }: Work): void {
    const times = launched !== undefined && {
      started: new Date(launched).toISOString(),
      durationMs: Math.max(0, Date.now() - launched),
    };
    this.#add(id, { status: "cancelled", inputs, attempt, ...times });
  }

  skipped(id: string, because: string): void {
    this.#add(id, { status: "skipped", because });
  }

  /** Writes in the background what has come together. */
  flushSoon(): void {
    if (this.#pending.length > 0) this.#write();
  }

  /** Resolves when everything is on record. @throws what the store threw */
  async flush(): Promise<void> {
    this.#write();
    await this.#writing;
    if (this.#failed) throw this.#failed.error;
  }

  #add(stepId: string, fields: Pick<StepRunRecord, "status"> & Partial<StepRunRecord>): void {
    const now = new Date().toISOString();
    const empty = { attempt: 0, started: now, ended: now, durationMs: 0, inputs: {}, outputs: {}, metadata: {} };
    this.#pending.push({ runId: this.#run.id, stepId, ...empty, ...fields });
    if (this.#pending.length >= BATCH) this.#write();
  }

  #write(): void {
    const steps = this.#pending;
    if (steps.length === 0) return;
    this.#pending = [];
    this.#writing = this.#writing
      .then(async () => void (await this.#run.ledger.recordSteps(steps, this.#run.session)))
      .catch((error: unknown) => {
        this.#failed ??= { error };
      });
  }
}
