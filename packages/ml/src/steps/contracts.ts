import { type ArtifactType, type Handles, html, type Schema, type Step, type StepLike } from "@tenon/core";
import { type Deployment, deployment } from "../deployment/model-deployer.js";
import { type Evaluation, evaluation } from "../evaluation/evaluation.js";
import type { FittedTransform } from "../preprocessing/fitted-transform.js";
import { isTrainedModel, type TrainedModel } from "../training/trained-model.js";
import type { Rows } from "../vocabulary/row.js";
import { rows, transform } from "../vocabulary/types.js";

/** A step of this interface may have parameters of its own, and more outputs. */
type Contract<In, Outs> = StepLike<Step<In, unknown, Handles<Outs>>>;

export interface SplitInputs {
  readonly rows: Rows;
}
export interface SplitOutputs {
  readonly train: Rows;
  readonly test: Rows;
}

/** Parts rows. Every row is in one part at most; equal inputs and parameters give equal parts; no part is empty. */
export type SplitStep = Contract<SplitInputs, SplitOutputs>;

export interface PreprocessorInputs {
  /** The training rows, and no others: what is learnt must not know the test rows. */
  readonly train: Rows;
}
export interface PreprocessorOutputs {
  readonly transform: FittedTransform;
}

/** Learns from the training rows how raw rows become numbers. */
export type PreprocessorStep = Contract<PreprocessorInputs, PreprocessorOutputs>;

export interface TrainerInputs {
  /** Raw rows; `examplesOf(transform, train)` makes numbers of them. */
  readonly train: Rows;
  /** Raw rows to choose by, for example when to stop; absent if the split has no such part. */
  readonly validation?: Rows | undefined;
  readonly transform: FittedTransform;
}
export interface TrainerOutputs {
  readonly model: TrainedModel;
}

/** Fits a model. The model takes raw rows, by the transform that the step was given. */
export type TrainerStep = Contract<TrainerInputs, TrainerOutputs>;

export interface EvaluatorInputs {
  readonly model: TrainedModel;
  /** Raw rows that the model has not seen. */
  readonly test: Rows;
  /** The model that is in production, to compare with; null or absent if there is none. */
  readonly production?: TrainedModel | null | undefined;
}
export interface EvaluatorOutputs {
  readonly evaluation: Evaluation;
  /** A page for people. */
  readonly report: string;
}

/** Says how good a model is on rows that it has not seen. */
export type EvaluatorStep = Contract<EvaluatorInputs, EvaluatorOutputs>;

export interface DeployerInputs {
  readonly model: TrainedModel;
  readonly evaluation: Evaluation;
}
export interface DeployerOutputs {
  readonly deployment: Deployment;
}

/** Puts a model where it is asked for predictions, if its evaluation allows for it. */
export type DeployerStep = Contract<DeployerInputs, DeployerOutputs>;

/** Checked when a trainer's output is saved; which materializer saves it is known by the model's class. */
export const trainedModel: Schema<TrainedModel> = {
  "~standard": {
    version: 1,
    vendor: "tenon",
    validate: (value) =>
      isTrainedModel(value)
        ? { value }
        : {
            issues: [
              {
                message:
                  "It is no model that goes with its transform: return an instance of a class that extends TrainedModel",
              },
            ],
          },
  },
};

/** How an interface's inputs are declared; the optional ones by a schema that takes nothing as well. */
type Declared<In> = { readonly [K in keyof In]: ArtifactType<In[K]> | Schema<In[K]> };

function optional<T>(): Schema<T | undefined> {
  return { "~standard": { version: 1, vendor: "tenon", validate: (value) => ({ value: value as T | undefined }) } };
}

const trainerInputs: Declared<TrainerInputs> = { train: rows, validation: optional<Rows>(), transform };
const evaluatorInputs: Declared<EvaluatorInputs> = {
  model: trainedModel,
  test: rows,
  production: optional<TrainedModel | null>(),
};

/**
 * What the steps of each interface declare: `step({ name: "fit", ...trainer, run: ({ train, transform }) => ({ model }) })`. For
 * more outputs write `outputs: { ...trainer.outputs, history: json }`.
 */
export const splitter = { inputs: { rows }, outputs: { train: rows, test: rows } } as const;
export const preprocessor = { inputs: { train: rows }, outputs: { transform } } as const;
export const trainer = { inputs: trainerInputs, outputs: { model: trainedModel } } as const;
export const evaluator = { inputs: evaluatorInputs, outputs: { evaluation, report: html } } as const;
export const deployer = { inputs: { model: trainedModel, evaluation }, outputs: { deployment } } as const;
