import { type Handles, type Step, type StepOptions, step, TenonError } from "@tenon/core";
import { z } from "zod";
import { type DeployerInputs, type DeployerOutputs, deployer } from "../steps/contracts.js";
import { type Bar, barNames, barParameters, shortcomings } from "../training/bar.js";
import { noModel } from "../training/register.js";
import { refuseUnknown } from "../vocabulary/known-options.js";
import { modelDeployer } from "./model-deployer.js";

export interface DeployParameters extends Bar {
  /** Serve what is in this stage, now and later; by default the version that the run has made. */
  readonly stage?: "staging" | "production" | undefined;
  /** The name of the deployment; by default the model's. */
  readonly as?: string | undefined;
}

/**
 * A step that has the stack's model deployer serve the model. Without a stage the version has to pass the bar, else the step
 * fails. Call it at the top level of a module.
 *
 * @param settings how it runs, and its `name`, by default `deploy`
 * @example deploy({ stage: "production" })
 */
export function deploy(
  parameters: DeployParameters = {},
  { name = "deploy", ...settings }: StepOptions & { readonly name?: string } = {},
): Step<DeployerInputs, DeployParameters, Handles<DeployerOutputs>> {
  refuseUnknown(parameters, ["stage", "as", ...barNames], `defining the step '${name}'`);
  const { stage, as, ...bar } = parameters;
  const stages = z.enum(["staging", "production"]);
  return step({
    cache: false,
    ...settings,
    name,
    params: z.object({
      stage: stage === undefined ? stages.optional() : stages.prefault(stage),
      as: as === undefined ? z.string().optional() : z.string().prefault(as),
      ...barParameters(bar),
    }),
    ...deployer,
    async run({ evaluation }, { params, model, component }) {
      if (model === undefined) throw noModel(name);
      const missing = params.stage === undefined ? shortcomings(evaluation, params) : [];
      if (missing.length > 0) {
        throw new TenonError("EVALUATION_INVALID", {
          doing: `deploying version ${model.version} of the model '${model.name}'`,
          found: `it is not good enough: ${missing.join("; ")}`,
          fix: "Train a better one, or lower the bar of the deploying step.",
        });
      }
      const deploying = await component(modelDeployer);
      const which = params.stage === undefined ? { version: model.version } : { stage: params.stage };
      const deployment = await deploying.deploy({
        model: model.name,
        ...which,
        ...(params.as !== undefined && { name: params.as }),
      });
      return { deployment };
    },
  });
}
