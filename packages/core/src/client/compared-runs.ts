import type { JsonValue } from "../contracts/json.js";

/** Runs side by side: every list of values has one entry for every run, in the order of `runs`. */
export interface ComparedRuns {
  readonly runs: readonly ComparedRun[];
  /** The pipeline's own by name, a step's as `step.parameter`. */
  readonly parameters: readonly ComparedValues[];
  readonly code: readonly ComparedCode[];
  /** Digests of what the steps took, by `step.input`. */
  readonly inputs: readonly ComparedDigests[];
  /** What steps, outputs, runs and models say about themselves: `fit.accuracy`. */
  readonly metadata: readonly ComparedMetadata[];
  readonly durations: readonly ComparedDurations[];
  /** Digests of what the runs made, by artifact name. */
  readonly digests: readonly ComparedDigests[];
}

export interface ComparedRun {
  readonly id: string;
  readonly pipeline: string;
  readonly status: string;
  /** ISO 8601, UTC. */
  readonly created: string;
  /** Of the latest session; 0 while it goes on. */
  readonly durationMs: number;
  readonly stack: string;
}

/** An absent value is `undefined`: the run has none of that name. */
export interface ComparedValues {
  readonly name: string;
  readonly values: readonly (JsonValue | undefined)[];
}

export interface ComparedCode {
  readonly step: string;
  readonly fingerprints: readonly (string | undefined)[];
  /** What differs from the first run that has the step, in words: `normalise in src/clean.ts`, `zod 4.1.0 → 4.2.0`. */
  readonly changedFunctions?: readonly string[];
}

export interface ComparedDigests {
  readonly name: string;
  readonly digests: readonly (string | undefined)[];
}

export interface ComparedMetadata {
  readonly name: string;
  readonly values: readonly (JsonValue | undefined)[];
}

export interface ComparedDurations {
  readonly step: string;
  /** Absent for a step that did not run, or whose outputs were there already. */
  readonly milliseconds: readonly (number | undefined)[];
}
