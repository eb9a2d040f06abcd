import { defineIntegration, defineMaterializer } from "@tenon/core";
import { evaluation } from "./evaluation/evaluation.js";
import { notebook } from "./evaluation/notebook.js";
import { linearModel } from "./training/linear-model-type.js";
import { rows, transform } from "./vocabulary/types.js";

const rowsMaterializer = defineMaterializer({
  type: rows,
  writes: "columns/1",
  reads: ["columns/1", "jsonl", "json"],
  load: () => import("./vocabulary/rows-materializer.js"),
});
const transformMaterializer = defineMaterializer({
  type: transform,
  classes: ["FittedTransform"],
  writes: "ml-transform/1",
  load: () => import("./preprocessing/transform-materializer.js"),
});
const linearMaterializer = defineMaterializer({
  type: linearModel,
  classes: ["LinearModel"],
  writes: "ml-linear/1",
  load: () => import("./training/linear-model-materializer.js"),
});
const evaluationMaterializer = defineMaterializer({
  type: evaluation,
  writes: "ml-evaluation/1",
  load: () => import("./evaluation/evaluation-materializer.js"),
});
const notebookMaterializer = defineMaterializer({
  type: notebook,
  writes: "nbformat/4",
  load: () => import("./evaluation/notebook-materializer.js"),
});

export default defineIntegration({
  name: "ml",
  materializers: [
    rowsMaterializer,
    transformMaterializer,
    linearMaterializer,
    evaluationMaterializer,
    notebookMaterializer,
  ],
});
