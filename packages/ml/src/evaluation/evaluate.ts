import { type Handles, type Step, type StepOptions, step } from "@tenon/core";
import { z } from "zod";
import { type EvaluatorInputs, type EvaluatorOutputs, evaluator } from "../steps/contracts.js";
import { refuseUnknown } from "../vocabulary/known-options.js";
import { flatMetrics } from "./flat-metrics.js";
import { type Notebook, notebook } from "./notebook-type.js";

export interface EvaluateParameters {
  /** Columns by whose values the metrics are also given. */
  readonly slices?: readonly string[] | undefined;
  /** By which metric it is judged against the model in production; by default `accuracy`, or `rootMeanSquaredError`. */
  readonly metric?: string | undefined;
}

/**
 * An evaluator for every trained model: metrics, slices, plots, a page and a notebook. What it finds is also metadata of the
 * evaluation and of the version of the model. Call it at the top level of a module.
 *
 * @param settings how it runs, and its `name`, by default `evaluate`
 * @example export const judge = evaluate({ slices: ["Island", "Sex"] });
 */
export function evaluate(
  parameters: EvaluateParameters = {},
  { name = "evaluate", ...settings }: StepOptions & { readonly name?: string } = {},
): Step<EvaluatorInputs, EvaluateParameters, Handles<EvaluatorOutputs & { readonly notebook: Notebook }>> {
  refuseUnknown(parameters, ["slices", "metric"], `defining the step '${name}'`);
  const { slices = [], metric } = parameters;
  return step({
    ...settings,
    name,
    params: z.object({
      slices: z.array(z.string()).readonly().prefault(slices),
      metric: metric === undefined ? z.string().optional() : z.string().prefault(metric),
    }),
    inputs: evaluator.inputs,
    outputs: { ...evaluator.outputs, notebook },
    async run({ model, test, production }, { params, signal, run, step, model: version }) {
      const [{ evaluateModel }, { evaluationReport }, { evaluationNotebook }] = await Promise.all([
        import("./evaluate-model.js"),
        import("./report.js"),
        import("./notebook.js"),
      ]);
      const found = await evaluateModel(model, test, { ...params, production, signal });
      version?.metadata(flatMetrics(found.metrics));
      const title = version ? `${version.name} version ${version.version}` : undefined;
      return {
        evaluation: found,
        report: await evaluationReport(found, title === undefined ? {} : { title }),
        notebook: evaluationNotebook(found, { pipeline: run.pipeline, step: step.id }),
      };
    },
  });
}
