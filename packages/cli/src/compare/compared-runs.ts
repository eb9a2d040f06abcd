export type { ComparedRuns } from "@tenon/core/internal";

import type { ComparedRuns } from "@tenon/core/internal";

export type ComparedMetadata = ComparedRuns["metadata"][number];

/** A curve: pairs of x and y in the order in which they were recorded. */
export interface Series {
  readonly kind: "series";
  readonly values: readonly (readonly [x: number, y: number | null])[];
}

export function isSeries(value: unknown): value is Series {
  return (
    typeof value === "object" &&
    value !== null &&
    (value as { kind?: unknown }).kind === "series" &&
    Array.isArray((value as { values?: unknown }).values)
  );
}
