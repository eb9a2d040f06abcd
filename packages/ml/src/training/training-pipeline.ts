import {
  Client,
  type Handle,
  type Handles,
  type ModelOptions,
  type Pipeline,
  pipeline,
  type Step,
  type StepDefinition,
  suggest,
  TenonError,
  type Wire,
} from "@tenon/core";
import type { Deployment } from "../deployment/model-deployer.js";
import { evaluate as evaluateStep } from "../evaluation/evaluate.js";
import type { Evaluation } from "../evaluation/evaluation.js";
import type {
  DeployerInputs,
  DeployerOutputs,
  DeployerStep,
  EvaluatorInputs,
  EvaluatorOutputs,
  EvaluatorStep,
  PreprocessorInputs,
  PreprocessorOutputs,
  PreprocessorStep,
  SplitInputs,
  SplitOutputs,
  SplitStep,
  TrainerInputs,
  TrainerOutputs,
  TrainerStep,
} from "../steps/contracts.js";
import type { Rows } from "../vocabulary/row.js";
import type { RegisterInputs, RegisterOutputs, RegisterStep, Registration } from "./register.js";
import type { TrainedModel } from "./trained-model.js";

/** A step without inputs that gives rows. */
export type DataStep = StepDefinition & (() => Handle<Rows>);

export interface TrainingPipelineOptions {
  readonly name: string;
  /** A step that loads rows, a late reference such as the latest version of a datasource, or the rows themselves. */
  readonly data: DataStep | Wire<Rows>;
  readonly split: SplitStep;
  readonly preprocess: PreprocessorStep;
  readonly train: TrainerStep;
  /** By default `evaluate()`. */
  readonly evaluate?: EvaluatorStep;
  /** Decides which stage the new version comes into: `register({ stage: "production" })`. By default it comes into none. */
  readonly register?: RegisterStep;
  /** Serves the model: `deploy({ stage: "production" })`. By default nothing is served. */
  readonly deploy?: DeployerStep;
  /** The model of which each run makes a version; by default it is called as the pipeline. */
  readonly model?: ModelOptions;
  readonly tags?: readonly string[];
}

const known = [
  "name",
  "data",
  "split",
  "preprocess",
  "train",
  "evaluate",
  "register",
  "deploy",
  "model",
  "tags",
] as const satisfies readonly (keyof TrainingPipelineOptions)[];

/** The slots of a training pipeline; each takes any step of its interface. */
export type TrainingSlots = {
  readonly data: Step<Record<never, never>, unknown, Handle<Rows>>;
  readonly split: Step<SplitInputs, unknown, Handles<SplitOutputs>>;
  readonly preprocess: Step<PreprocessorInputs, unknown, Handles<PreprocessorOutputs>>;
  readonly train: Step<TrainerInputs, unknown, Handles<TrainerOutputs>>;
  readonly evaluate: Step<EvaluatorInputs, unknown, Handles<EvaluatorOutputs>>;
  readonly register: Step<RegisterInputs, unknown, Handles<RegisterOutputs>>;
  readonly deploy: Step<DeployerInputs, unknown, Handles<DeployerOutputs>>;
};

/** What a run gives; `registration` and `deployment` if the pipeline has such steps. */
export interface TrainingResult {
  readonly [output: string]: Handle<unknown>;
  readonly model: Handle<TrainedModel>;
  readonly evaluation: Handle<Evaluation>;
  readonly report: Handle<string>;
  readonly registration: Handle<Registration>;
  readonly deployment: Handle<Deployment>;
}

/**
 * The standard way from data to a model: data → split → preprocess → train → evaluate → register → deploy. The steps are called as
 * the slots are, so parameters are `train.epochs`, and each can be replaced: `.with({ steps: { train: other } })`. What is
 * evaluated is compared with the model that is in production, if one is.
 *
 * @throws `PIPELINE_INVALID`
 * @example
 * export const penguins = trainingPipeline({
 *   name: "penguins",
 *   data: loadPenguins,
 *   split: randomSplit({ train: 0.8, test: 0.2 }),
 *   preprocess: preprocess({ features: { "Body Mass (g)": [impute("mean"), standardise()] }, label: "Species" }),
 *   train: linear(),
 * });
 */
export function trainingPipeline(
  options: TrainingPipelineOptions,
): Pipeline<Record<never, never>, TrainingSlots, TrainingResult> {
  const { name, data, split, preprocess, train, evaluate = evaluateStep(), register, deploy } = options;
  const unknown = Object.keys(options).find((key) => !(known as readonly string[]).includes(key));
  if (unknown !== undefined) throw unknownSlot(name, unknown);
  const model = options.model ?? { name };
  const loads = typeof data === "function" ? { data } : {};
  const filled = {
    ...loads,
    split,
    preprocess,
    train,
    evaluate,
    ...(register && { register }),
    ...(deploy && { deploy }),
  };
  return pipeline({
    name,
    model,
    ...(options.tags && { tags: options.tags }),
    steps: filled as unknown as TrainingSlots,
    body: ({ steps }) => {
      const rows = "data" in loads ? steps.data({}, {}, { name: "data" }) : (data as Wire<Rows>);
      const parts = steps.split({ rows }, {}, { name: "split" }) as Handles<SplitOutputs & { validation: Rows }>;
      const { transform } = steps.preprocess({ train: parts.train }, {}, { name: "preprocess" });
      const validated = "validation" in steps.split.outputs && takes(steps.train, "validation");
      const artifact = `${name}.train.model`;
      const trained = steps.train(
        { train: parts.train, transform, ...(validated && { validation: parts.validation }) },
        {},
        { name: "train", artifact: { model: artifact } },
      );
      const compared = takes(steps.evaluate, "production") ? { production: inProduction(model.name, artifact) } : {};
      const { evaluation, report } = steps.evaluate(
        { model: trained.model, test: parts.test, ...compared },
        {},
        { name: "evaluate" },
      );
      const registered = register && steps.register({ evaluation }, {}, { name: "register" });
      const deployed =
        deploy &&
        steps.deploy(
          { model: trained.model, evaluation },
          {},
          { name: "deploy", ...(registered && { after: [registered.registration] }) },
        );
      return { model: trained.model, evaluation, report, ...registered, ...deployed } as TrainingResult;
    },
  });
}

/** A step that does not say what it takes is given everything. */
function takes({ inputs }: StepDefinition, input: string): boolean {
  return inputs === undefined || Object.hasOwn(inputs, input);
}

function inProduction(model: string, artifact: string) {
  return new Client().model(model, { stage: "production" }).artifact<TrainedModel>(artifact, { optional: true });
}

function unknownSlot(name: string, slot: string): TenonError {
  return new TenonError("PIPELINE_INVALID", {
    doing: `defining pipeline '${name}'`,
    found: `a training pipeline has no slot '${slot}'; it takes ${known.join(", ")}`,
    fix: suggest(slot, known, "Leave it out.") as string,
  });
}
