import { type Handle, type Handles, type Step, type StepOptions, step } from "@tenon/core";
import type { Rows } from "../vocabulary/row.js";
import { rows, transform } from "../vocabulary/types.js";
import { checkOperations } from "./check-operations.js";
import { fit, type TransformOptions } from "./fit.js";
import type { FittedTransform } from "./fitted-transform.js";

/**
 * A step that learns a transform from the training rows, and from nothing else. Call it at the top level of a module.
 *
 * @param settings how it runs, and its `name`, by default `preprocess`
 * @throws `PARAMETER_INVALID` if a feature is not a list of operations
 * @example
 * const prepare = preprocess({
 *   features: { "Body Mass (g)": [impute("mean"), standardise()], Island: [oneHot()] },
 *   label: "Species",
 * });
 */
export function preprocess(
  options: TransformOptions,
  { name = "preprocess", ...settings }: StepOptions & { readonly name?: string } = {},
): Step<{ readonly train: Rows }, Record<never, never>, Handles<{ transform: FittedTransform }>> {
  checkOperations(options);
  return step({
    ...settings,
    name,
    inputs: { train: rows },
    outputs: { transform },
    run({ train }, { metadata }) {
      const fitted = fit(train, options);
      const { featureNames, classes } = fitted;
      metadata({ transform: { rows: train.length, features: featureNames.length, ...(classes && { classes }) } });
      return { transform: fitted };
    },
  });
}

/** Raw rows as a model takes them: for a look at them, or for a trainer of other make. */
export const applyTransform: Step<
  { readonly rows: Rows; readonly transform: FittedTransform },
  Record<never, never>,
  Handle<Rows>
> = step({
  name: "applyTransform",
  inputs: { rows, transform },
  output: rows,
  run: ({ rows, transform }) => transform.applyAll(rows),
});
