import type { JsonValue } from "@tenon/core";

/** Runs side by side: every list of values has one entry for every run, in the order of `runs`. */
export interface ComparedRuns {
  readonly runs: readonly ComparedRun[];
  readonly parameters: readonly ComparedValues[];
  readonly code: readonly ComparedCode[];
  /** Digests of what the steps took, by `step.input`. */
  readonly inputs: readonly ComparedDigests[];
  /** What steps, outputs, runs and models say about themselves: `model.accuracy`. */
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
  /** In words: `normalise in src/clean.ts`. */
  readonly changedFunctions?: readonly string[];
}

export interface ComparedDigests {
  readonly name: string;
  readonly digests: readonly (string | undefined)[];
}

export interface ComparedMetadata {
  readonly name: string;
  readonly values: readonly (JsonValue | Series | undefined)[];
}

/** A curve: pairs of x and y in the order in which they were recorded. */
export interface Series {
  readonly kind: "series";
  readonly values: readonly (readonly [x: number, y: number | null])[];
}

export interface ComparedDurations {
  readonly step: string;
  readonly milliseconds: readonly (number | undefined)[];
}

export function isSeries(value: unknown): value is Series {
  return (
    typeof value === "object" &&
    value !== null &&
    (value as { kind?: unknown }).kind === "series" &&
    Array.isArray((value as { values?: unknown }).values)
  );
}
