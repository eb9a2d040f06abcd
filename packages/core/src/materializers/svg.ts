import { textMaterializer } from "./text.js";
import { svg } from "./types.js";

export const materializer = textMaterializer({
  type: svg,
  format: "svg",
  path: "value.svg",
  mediaType: "image/svg+xml",
});
