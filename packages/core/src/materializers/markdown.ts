import { textMaterializer } from "./text.js";
import { markdown } from "./types.js";

export const materializer = textMaterializer({
  type: markdown,
  format: "markdown",
  path: "value.md",
  mediaType: "text/markdown",
});
