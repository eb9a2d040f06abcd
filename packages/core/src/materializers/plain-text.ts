import { textMaterializer } from "./text.js";
import { text } from "./types.js";

export const materializer = textMaterializer({
  type: text,
  format: "text",
  path: "value.txt",
});
