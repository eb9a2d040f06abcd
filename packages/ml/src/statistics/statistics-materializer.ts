import type { Materializer } from "@tenon/core";
import { type DataStatistics, statistics } from "./data-statistics.js";
import { statisticsMetadata } from "./statistics-metadata.js";
import { statisticsPage } from "./statistics-page.js";

const path = "statistics.json";

export const materializer: Materializer<DataStatistics> = {
  type: statistics,
  format: "ml-statistics/1",
  reads: ["ml-statistics/1"],
  save: (value, files) => files.write(path, `${JSON.stringify(value)}\n`),
  load: async (files) => JSON.parse(await files.text(path)) as DataStatistics,
  metadata: statisticsMetadata,
  visualize: (value) => [{ name: "statistics", mediaType: "text/html", body: statisticsPage(value) }],
};
