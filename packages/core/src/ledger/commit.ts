import type { MetadataRecord, MetadataStore } from "../contracts/metadata-store.js";
import { type ArtifactVersions, artifactId, type NewArtifactVersion } from "./artifact-versions.js";
import type { Attempts } from "./attempts.js";
import type { CacheIndex } from "./cache-index.js";
import type { Keys } from "./keys.js";
import type { ArtifactVersionRecord, AttemptEnd, StepRunRecord } from "./records.js";
import type { StepRuns } from "./step-runs.js";
import { record } from "./text.js";

export interface StepCommit {
  /** Its outputs follow from the artifacts' versions. */
  readonly step: Omit<StepRunRecord, "outputs">;
  readonly attemptEnd: AttemptEnd;
  /** By output name; who made them is filled in. */
  readonly artifacts: Readonly<Record<string, NewArtifactVersion>>;
  /** Under which the outputs are to be found again; absent if they are not to be. */
  readonly cacheKey?: string;
}

export type CommitResult =
  | {
      readonly committed: true;
      readonly step: StepRunRecord;
      readonly artifacts: Readonly<Record<string, ArtifactVersionRecord>>;
    }
  /** The attempt had ended, or another attempt of the step had committed: what this one made is garbage. */
  | { readonly committed: false };

/** Turns an attempt's outputs into facts, in one insert: all of it becomes true at one moment, or none. */
export class Commits {
  constructor(
    private readonly store: MetadataStore,
    private readonly keys: Keys,
    private readonly attempts: Attempts,
    private readonly versions: ArtifactVersions,
    private readonly stepRuns: StepRuns,
    private readonly cache: CacheIndex,
  ) {}

  async commit({ step, attemptEnd, artifacts, cacheKey }: StepCommit): Promise<CommitResult> {
    const { runId, stepId } = step;
    const outputs = Object.keys(artifacts);
    const unnumbered = outputs.map((output) => ({
      ...(artifacts[output] as NewArtifactVersion),
      producer: { runId, stepId, output },
    }));
    const end = record(this.keys.attemptEnd(runId, stepId, step.attempt), attemptEnd);
    const done = this.keys.stepDone(runId, stepId);
    let replacesCached = false;
    const start = this.attempts.take(runId, stepId, step.attempt);
    await this.attempts.started(runId, stepId, step.attempt);
    for (;;) {
      const numbered = await this.versions.number(unnumbered);
      const whole: StepRunRecord = { ...step, outputs: byOutput(outputs, numbered.map(artifactId)) };
      const entry = cacheKey === undefined ? undefined : this.cache.entry(cacheKey, whole);
      const records: MetadataRecord[] = [
        ...start,
        end,
        ...this.stepRuns.records(whole, 0),
        ...this.versions.records(numbered),
      ];
      const result = await this.store.insert(entry && !replacesCached ? [...records, entry] : records);
      if (result.inserted) {
        this.versions.inserted(numbered);
        // Should the process die before this, the older entry stays: it is as true as it was.
        if (entry && replacesCached) await this.cache.replace(entry);
        return { committed: true, step: whole, artifacts: byOutput(outputs, numbered) };
      }
      const settled = [end.key, done, start[0]?.key];
      if (result.existing.some((key) => settled.includes(key))) {
        if (start.length > 0) await this.store.insert(start);
        return { committed: false };
      }
      replacesCached ||= entry !== undefined && result.existing.includes(entry.key);
      await this.versions.renumber(numbered, result.existing);
    }
  }
}

function byOutput<T>(outputs: readonly string[], values: readonly T[]): Record<string, T> {
  return Object.fromEntries(outputs.map((output, index) => [output, values[index] as T]));
}
