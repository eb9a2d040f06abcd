import { textMaterializer } from "./text.js";
import { html } from "./types.js";

export const materializer = textMaterializer({
  type: html,
  format: "html",
  path: "value.html",
  mediaType: "text/html",
});
