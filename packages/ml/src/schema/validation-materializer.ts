import { jsonFile } from "../vocabulary/json-file.js";
import { type Validation, validation } from "./anomalies.js";
import { validationPage } from "./validation-page.js";

export const materializer = jsonFile<Validation>({
  type: validation,
  format: "ml-validation/1",
  path: "validation.json",
  metadata: ({ rows, anomalies }) => ({
    rows,
    anomalies: anomalies.length,
    columns: [...new Set(anomalies.map(({ column }) => column))].slice(0, 200),
  }),
  visualize: (value) => [{ name: "validation", mediaType: "text/html", body: validationPage(value) }],
});
