import { jsonFile } from "../vocabulary/json-file.js";
import { type DataStatistics, statistics } from "./data-statistics.js";
import { statisticsMetadata } from "./statistics-metadata.js";
import { statisticsPage } from "./statistics-page.js";

export const materializer = jsonFile<DataStatistics>({
  type: statistics,
  format: "ml-statistics/1",
  path: "statistics.json",
  metadata: statisticsMetadata,
  visualize: (value) => [{ name: "statistics", mediaType: "text/html", body: statisticsPage(value) }],
});
