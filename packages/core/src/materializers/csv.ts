import { textMaterializer } from "./text.js";
import { csv } from "./types.js";

export const materializer = textMaterializer({
  type: csv,
  format: "csv",
  path: "value.csv",
  mediaType: "text/csv",
});
