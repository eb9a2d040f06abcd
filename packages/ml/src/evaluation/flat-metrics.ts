import type { JsonValue } from "@tenon/core";
import type { Metrics } from "./evaluation.js";

/** The numbers of the metrics that describe all rows: `accuracy`, `macro.f1`; those of single classes are left out. */
export function flatMetrics(metrics: Metrics): Record<string, number | null> {
  const flat: Record<string, number | null> = {};
  for (const [name, value] of Object.entries(metrics) as [string, JsonValue][]) {
    if (typeof value === "number" || value === null) flat[name] = value;
    else if (name !== "perClass") {
      for (const [inner, number] of Object.entries(value as object)) flat[`${name}.${inner}`] = number as number;
    }
  }
  return flat;
}
