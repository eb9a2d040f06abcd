import { jsonFile } from "../vocabulary/json-file.js";
import { type Drift, drift } from "./drift.js";
import { driftPage } from "./drift-page.js";

export const materializer = jsonFile<Drift>({
  type: drift,
  format: "ml-drift/1",
  path: "drift.json",
  metadata: ({ rows, columns }) => ({
    rows: { before: rows.before, after: rows.after },
    drifted: columns
      .filter((column) => column.drifted)
      .map(({ name }) => name)
      .slice(0, 1000),
  }),
  visualize: (value) => [{ name: "drift", mediaType: "text/html", body: driftPage(value) }],
});
