import type { JsonValue, Materializer } from "@tenon/core";
import { type Evaluation, evaluation, type Metrics } from "./evaluation.js";

/** JSON as it is: its writer has put the fields in an order of their own. Its metrics are metadata, so that runs compare. */
export const materializer: Materializer<Evaluation> = {
  type: evaluation,
  format: "ml-evaluation/1",
  reads: ["ml-evaluation/1"],

  save: (value, files) => files.write("evaluation.json", `${JSON.stringify(value, null, 1)}\n`),

  load: async (files) => JSON.parse(await files.text("evaluation.json")) as Evaluation,

  metadata: ({ rows, metrics, comparison }) => ({
    rows,
    ...flatMetrics(metrics),
    ...(comparison && { better: comparison.better, production: { [comparison.metric]: comparison.production } }),
  }),
};

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
