import { jsonFile } from "../vocabulary/json-file.js";
import { type Evaluation, evaluation } from "./evaluation.js";
import { flatMetrics } from "./flat-metrics.js";

/** Its metrics are metadata, so that runs compare. */
export const materializer = jsonFile<Evaluation>({
  type: evaluation,
  format: "ml-evaluation/1",
  path: "evaluation.json",
  indent: 1,
  metadata: ({ rows, metrics, comparison }) => ({
    rows,
    ...flatMetrics(metrics),
    ...(comparison && { better: comparison.better, production: { [comparison.metric]: comparison.production } }),
  }),
});
