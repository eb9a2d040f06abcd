import { jsonFile } from "../vocabulary/json-file.js";
import { type Notebook, notebook } from "./notebook-type.js";

export const materializer = jsonFile<Notebook>({
  type: notebook,
  format: "nbformat/4",
  path: "evaluation.ipynb",
  indent: 1,
  metadata: ({ cells }) => ({ cells: cells.length }),
});
