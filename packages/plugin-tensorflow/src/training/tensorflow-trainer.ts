import { type Handles, type Step, type StepOptions, type StepRunContext, step } from "@tenon/core";
import type { TrainedModel, TrainerInputs } from "@tenon/ml";
import type { LayersModel } from "@tensorflow/tfjs";
import type { z } from "zod";
import type { TensorFlow } from "../backend/names.js";
import { trainerContract } from "./trainer-contract.js";

/** What a TensorFlow trainer's function is given besides rows and transform. */
export interface TrainContext<P> extends StepRunContext<P> {
  readonly tf: TensorFlow;
}

export interface TensorFlowTrainerOptions<P, PIn> extends StepOptions {
  /** By default `fit`. */
  readonly name?: string;
  /** A schema of an object. A parameter `seed`, if it has one, seeds all random numbers of TensorFlow.js. */
  readonly params?: z.ZodType<P, PIn>;
  /**
   * Trains a network and returns it. It becomes the step's model, together with the transform; its tensors are freed.
   * Everything random in it that has no seed of its own counts from the parameter `seed`.
   */
  train(inputs: TrainerInputs, context: TrainContext<P>): LayersModel | Promise<LayersModel>;
}

/** A trainer's outputs. */
export interface TensorFlowTrainerOutputs {
  readonly model: TrainedModel;
}

/**
 * A trainer step for any network of TensorFlow.js and any way to train it. `feedForwardTrainer` has the way built in.
 * Call it at the top level of a module, so that the step is found again.
 *
 * @example
 * export const fit = tensorflowTrainer({
 *   params: z.object({ seed: z.int().default(1) }),
 *   async train({ train, transform }, { tf, signal }) {
 *     const model = tf.sequential({ … });
 *     for (const batch of …) { signal.throwIfAborted(); await model.trainOnBatch(…); }
 *     return model;
 *   },
 * });
 */
export function tensorflowTrainer<P extends object = Record<never, never>, PIn = P>({
  name = "fit",
  params,
  train,
  ...settings
}: TensorFlowTrainerOptions<P, PIn>): Step<TrainerInputs, PIn, Handles<TensorFlowTrainerOutputs>> {
  return step({
    ...settings,
    name,
    ...(params && { params }),
    ...trainerContract,
    async run(inputs: TrainerInputs, context: StepRunContext<P>) {
      const { trainNetwork } = await import("./train-network.js");
      return { model: await trainNetwork(inputs, context, train) };
    },
  }) as Step<TrainerInputs, PIn, Handles<TensorFlowTrainerOutputs>>;
}
