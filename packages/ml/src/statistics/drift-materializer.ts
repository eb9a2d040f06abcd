import type { Materializer } from "@tenon/core";
import { type Drift, drift } from "./drift.js";
import { driftPage } from "./drift-page.js";

const path = "drift.json";

export const materializer: Materializer<Drift> = {
  type: drift,
  format: "ml-drift/1",
  reads: ["ml-drift/1"],
  save: (value, files) => files.write(path, `${JSON.stringify(value)}\n`),
  load: async (files) => JSON.parse(await files.text(path)) as Drift,
  metadata: ({ rows, columns }) => ({
    rows: { before: rows.before, after: rows.after },
    drifted: columns
      .filter((column) => column.drifted)
      .map(({ name }) => name)
      .slice(0, 1000),
  }),
  visualize: (value) => [{ name: "drift", mediaType: "text/html", body: driftPage(value) }],
};
