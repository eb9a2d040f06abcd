import { defineIntegration, defineMaterializer } from "@tenon/core";
import { localDeployer } from "./deployment/local-deployer.js";
import { evaluation } from "./evaluation/evaluation.js";
import { notebook } from "./evaluation/notebook-type.js";
import { validation } from "./schema/anomalies.js";
import { statistics } from "./statistics/data-statistics.js";
import { drift } from "./statistics/drift.js";
import { linearModel } from "./training/linear-model-type.js";
import { dataSchema, rows, tfrecord, transform } from "./vocabulary/types.js";

const rowsMaterializer = defineMaterializer({
  type: rows,
  writes: "columns/1",
  reads: ["columns/1", "jsonl", "json", "ml-tfrecord/1"],
  load: () => import("./vocabulary/rows-materializer.js"),
});
const tfrecordMaterializer = defineMaterializer({
  type: tfrecord,
  writes: "ml-tfrecord/1",
  requires: ["@tenon/tfrecord"],
  load: () => import("./vocabulary/tfrecord-materializer.js"),
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

const schemaMaterializer = defineMaterializer({
  type: dataSchema,
  writes: "ml-schema/1",
  load: () => import("./schema/schema-materializer.js"),
});
const statisticsMaterializer = defineMaterializer({
  type: statistics,
  writes: "ml-statistics/1",
  load: () => import("./statistics/statistics-materializer.js"),
});
const validationMaterializer = defineMaterializer({
  type: validation,
  writes: "ml-validation/1",
  load: () => import("./schema/validation-materializer.js"),
});
const driftMaterializer = defineMaterializer({
  type: drift,
  writes: "ml-drift/1",
  load: () => import("./statistics/drift-materializer.js"),
});

export default defineIntegration({
  name: "ml",
  components: [localDeployer],
  materializers: [
    rowsMaterializer,
    tfrecordMaterializer,
    transformMaterializer,
    schemaMaterializer,
    statisticsMaterializer,
    validationMaterializer,
    driftMaterializer,
    linearMaterializer,
    evaluationMaterializer,
    notebookMaterializer,
  ],
});
