import {
  type ArtifactType,
  type Handles,
  json,
  type Step,
  type StepLike,
  type StepOptions,
  step,
  TenonError,
} from "@tenon/core";
import { z } from "zod";
import { type Evaluation, evaluation } from "../evaluation/evaluation.js";
import { refuseUnknown } from "../vocabulary/known-options.js";
import { type Bar, barNames, barParameters, shortcomings } from "./bar.js";

/** What became of a version of a model. Plain data. */
export interface Registration {
  readonly model: string;
  readonly version: string;
  /** Null if it was not good enough for one. */
  readonly stage: "staging" | "production" | null;
  /** Why not, as clauses. */
  readonly because: readonly string[];
}

export interface RegisterInputs {
  readonly evaluation: Evaluation;
}
export interface RegisterOutputs {
  readonly registration: Registration;
}

/** Decides which stage the new version of the model comes into. */
export type RegisterStep = StepLike<Step<RegisterInputs, unknown, Handles<RegisterOutputs>>>;

export interface RegisterParameters extends Bar {
  /** By default `production`. */
  readonly stage?: "staging" | "production" | undefined;
}

/**
 * A step that moves the new version of the model to a stage if its evaluation passes the bar. It never takes its result from
 * the cache. Call it at the top level of a module.
 *
 * @param settings how it runs, and its `name`, by default `register`
 * @example register({ stage: "production", atLeast: { accuracy: 0.95 } })
 */
export function register(
  parameters: RegisterParameters = {},
  { name = "register", ...settings }: StepOptions & { readonly name?: string } = {},
): Step<RegisterInputs, RegisterParameters, Handles<RegisterOutputs>> {
  refuseUnknown(parameters, ["stage", ...barNames], `defining the step '${name}'`);
  const { stage = "production", ...bar } = parameters;
  return step({
    cache: false,
    ...settings,
    name,
    params: z.object({
      stage: z.enum(["staging", "production"]).prefault(stage),
      ...barParameters(bar),
    }),
    inputs: { evaluation },
    outputs: { registration: json as unknown as ArtifactType<Registration> },
    async run({ evaluation }, { params, model, log, metadata }) {
      if (model === undefined) throw noModel(name);
      const because = shortcomings(evaluation, params);
      if (because.length > 0)
        log.warn(`Version ${model.version} of ${model.name} stays where it is: ${because.join("; ")}`);
      else await model.setStage(params.stage);
      const { name: modelName, version } = model;
      metadata({ registration: because.length > 0 ? { refused: because.join("; ") } : { stage: params.stage } });
      return { registration: { model: modelName, version, stage: because.length > 0 ? null : params.stage, because } };
    },
  });
}

export function noModel(step: string): TenonError {
  return new TenonError("MODEL_INVALID", {
    doing: `looking for the model that step '${step}' works on`,
    found: "neither the step nor its pipeline has one",
    fix: 'Write model: { name: "…" } where the pipeline is defined.',
  });
}
