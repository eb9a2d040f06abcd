import { type StepRunContext, TenonError } from "@tenon/core";
import type { TrainerInputs } from "@tenon/ml";
import type { LayersModel } from "@tensorflow/tfjs";
import { artifactsOf } from "../models/model-artifacts.js";
import { TensorFlowModel } from "../models/tensorflow-model.js";
import { tensorflow } from "../tensorflow.js";
import { seeded } from "./seeded-random.js";
import type { TrainContext } from "./tensorflow-trainer.js";

/** Trains, with random numbers that count from a seed, and frees the network once its weights have been taken. */
export async function trainNetwork<P extends object>(
  inputs: TrainerInputs,
  context: StepRunContext<P>,
  train: (inputs: TrainerInputs, context: TrainContext<P>) => LayersModel | Promise<LayersModel>,
): Promise<TensorFlowModel> {
  const tf = await tensorflow();
  const { seed = 1 } = context.params as { seed?: unknown };
  const model = await seeded(`${seed}/network`, () => train(inputs, { ...context, tf }));
  refuseOthers(model);
  try {
    return new TensorFlowModel(inputs.transform, await artifactsOf(model));
  } finally {
    disposeOf(model);
  }
}

/** In a program without types a function may return anything, or forget to. @throws `OUTPUT_INVALID` */
export function refuseOthers(model: LayersModel | undefined | null): void {
  if (typeof model?.getWeights === "function" && typeof model.dispose === "function") return;
  throw new TenonError("OUTPUT_INVALID", {
    doing: "taking the network that is to be trained",
    found: `it is ${model === null ? "null" : typeof model}, not a LayersModel`,
    fix: "Return what tf.sequential(…) or tf.model(…) gives.",
  });
}

/** A compiled model owns its optimizer only if it was named by a text. */
export function disposeOf(model: LayersModel): void {
  const { optimizer } = model;
  model.dispose();
  optimizer?.dispose();
}
