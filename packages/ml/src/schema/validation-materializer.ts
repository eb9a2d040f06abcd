import type { Materializer } from "@tenon/core";
import { type Validation, validation } from "./anomalies.js";
import { validationPage } from "./validation-page.js";

const path = "validation.json";

export const materializer: Materializer<Validation> = {
  type: validation,
  format: "ml-validation/1",
  reads: ["ml-validation/1"],
  save: (value, files) => files.write(path, `${JSON.stringify(value)}\n`),
  load: async (files) => JSON.parse(await files.text(path)) as Validation,
  metadata: ({ rows, anomalies }) => ({
    rows,
    anomalies: anomalies.length,
    columns: [...new Set(anomalies.map(({ column }) => column))].slice(0, 200),
  }),
  visualize: (value) => [{ name: "validation", mediaType: "text/html", body: validationPage(value) }],
};
