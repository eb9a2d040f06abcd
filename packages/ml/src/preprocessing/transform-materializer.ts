import type { JsonValue, Materializer } from "@tenon/core";
import { transform } from "../vocabulary/types.js";
import "./built-in-operations.js";
import { FittedTransform, type TransformState } from "./fitted-transform.js";

const path = "transform.json";

export const materializer: Materializer<FittedTransform> = {
  type: transform,
  format: "ml-transform/1",
  reads: ["ml-transform/1"],
  recognises: (value): value is FittedTransform => value instanceof FittedTransform,
  save: ({ state }, files) => files.write(path, `${JSON.stringify(state, null, 2)}\n`),
  load: async (files) => new FittedTransform(JSON.parse(await files.text(path)) as TransformState),
  metadata: ({ state, featureNames, classes }) => ({
    columns: state.features.map(({ name }) => name),
    features: featureNames.length,
    ...(state.label && { label: state.label.name }),
    ...(classes && { classes: classes.slice(0, 1000) as JsonValue }),
  }),
};
