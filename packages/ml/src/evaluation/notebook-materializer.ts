import type { Materializer } from "@tenon/core";
import { type Notebook, notebook } from "./notebook-type.js";

const path = "evaluation.ipynb";

export const materializer: Materializer<Notebook> = {
  type: notebook,
  format: "nbformat/4",
  reads: ["nbformat/4"],
  save: (value, files) => files.write(path, `${JSON.stringify(value, null, 1)}\n`),
  load: async (files) => JSON.parse(await files.text(path)) as Notebook,
  metadata: ({ cells }) => ({ cells: cells.length }),
};
