import type { Handles, Step } from "@tenon/core";
import { type ArtifactType, type StepOptions, type StepRunContext, step, table } from "@tenon/core";
import type { TrainedModel, TrainerInputs } from "@tenon/ml";
import type { LayersModel } from "@tensorflow/tfjs";
import type { z } from "zod";
import type { TensorFlow } from "../backend/names.js";
import type { TensorBoardLog } from "../tensorboard/tensorboard-log.js";
import { tensorboardLog } from "../types.js";
import type { TrainingCallback } from "./callbacks.js";
import { checkTrainer } from "./check-trainer.js";
import type { CompileOptions } from "./compile.js";
import type { batchesOf } from "./examples.js";
import { lazySchema } from "./lazy-schema.js";
import type { trainEpochs } from "./loop.js";
import { parameterNames, type TrainingParameters } from "./parameters.js";
import { trainerContract } from "./trainer-contract.js";

/** What a network is to be built for. */
export interface NetworkRequest<P = unknown> {
  readonly tf: TensorFlow;
  /** Numbers a row: `inputShape: [features]`, or any shape that they fill. */
  readonly features: number;
  /** What the last layer has to give: a number a class, or one number. */
  readonly outputs: number;
  /** `softmax` for classes, `linear` for a number. */
  readonly activation: "softmax" | "linear";
  /** Absent if a number is predicted. */
  readonly classes: readonly string[] | undefined;
  readonly params: P;
}

/** The parts of a feed-forward trainer. Each of them can be replaced. */
export interface FeedForwardParts {
  /** Makes batches of rows. */
  readonly batches: typeof batchesOf;
  /** Compiles a network that its `modelFn` has not compiled. */
  readonly compile: (tf: TensorFlow, model: LayersModel, options: CompileOptions) => void;
  /** Goes through epochs and batches. */
  readonly loop: typeof trainEpochs;
}

export interface FeedForwardTrainerOptions<S extends z.ZodRawShape, L extends boolean = false>
  extends StepOptions,
    Partial<FeedForwardParts> {
  /** By default `fit`. */
  readonly name?: string;
  /** The network, compiled or not. What it draws at random counts from the parameter `seed`. */
  modelFn(request: NetworkRequest<TrainingParameters & z.infer<z.ZodObject<S>>>): LayersModel | Promise<LayersModel>;
  /** Parameters of its own: `{ units: z.int().default(64) }`. */
  readonly params?: S;
  /** Other defaults for the parameters that every such trainer has. */
  readonly defaults?: Partial<TrainingParameters>;
  /** What happens meanwhile, such as `earlyStopping()`. Called once for each training. */
  readonly callbacks?: () => readonly TrainingCallback[];
  /** Keeps a checkpoint each time that so many epochs are done; a later attempt at the same work goes on from it. */
  readonly checkpointEvery?: number;
  /**
   * True for an output `log`, a `tensorboardLog`: the loss and every metric of all epochs, as `epoch_loss` of the runs `train`
   * and `validation`. It holds what `history` holds, so that after going on from a checkpoint the epochs before are in it, too;
   * and it is as repeatable: a scalar's time is its epoch, in seconds, not when it was. To look on while the network is trained,
   * or for histograms of the weights, add the callback `tensorBoard`.
   *
   * @example
   * export const fit = feedForwardTrainer({ modelFn, tensorBoardLog: true });
   * // in the body of a pipeline: const { model, log } = fit({ train, transform });
   */
  readonly tensorBoardLog?: L;
}

/** A row of the training's history: the epoch, and each metric by its name; one that was not finite is left out. */
export type HistoryRow = { readonly epoch: number } & Readonly<Record<string, number>>;

export interface FeedForwardOutputs {
  readonly model: TrainedModel;
  readonly history: HistoryRow[];
}

export interface LoggedFeedForwardOutputs extends FeedForwardOutputs {
  readonly log: TensorBoardLog;
}

type OutputsOf<L extends boolean> = [L] extends [true] ? LoggedFeedForwardOutputs : FeedForwardOutputs;
type Given<S extends z.ZodRawShape> = Partial<TrainingParameters> & z.input<z.ZodObject<S>>;

/**
 * A trainer step for networks that map features to a class or a number. A `modelFn` is enough: rows become batches by the
 * transform, the network is compiled for its task, trained, validated after each epoch, and goes with its transform.
 * Call it at the top level of a module, so that the step is found again.
 *
 * @throws `PARAMETER_INVALID`, `PARAMETER_UNKNOWN` for options that are none;
 * (when it runs) `TENSOR_MISMATCHED` if network and data do not fit, `TRAINING_DIVERGED` if the loss is no number
 * @example
 * export const fit = feedForwardTrainer({
 *   params: { units: z.int().default(64) },
 *   defaults: { epochs: 20 },
 *   modelFn: ({ tf, features, outputs, activation, params }) =>
 *     tf.sequential({
 *       layers: [
 *         tf.layers.dense({ units: params.units, activation: "relu", inputShape: [features] }),
 *         tf.layers.dense({ units: outputs, activation }),
 *       ],
 *     }),
 *   callbacks: () => [earlyStopping({ patience: 3 })],
 * });
 */
export function feedForwardTrainer<S extends z.ZodRawShape = Record<never, never>, L extends boolean = false>(
  options: FeedForwardTrainerOptions<S, L>,
): Step<TrainerInputs, Given<S>, Handles<OutputsOf<L>>> {
  checkTrainer(options);
  const {
    name = "fit",
    modelFn,
    params,
    defaults = {},
    callbacks,
    checkpointEvery,
    tensorBoardLog = false,
    batches,
    compile,
    loop,
    ...settings
  } = options;
  const parts = { ...(batches && { batches }), ...(compile && { compile }), ...(loop && { loop }) };
  return step({
    ...settings,
    name,
    params: lazySchema([...parameterNames, ...Object.keys(params ?? {})], async () =>
      (await import("./parameters-schema.js")).parametersWith((params ?? {}) as S, defaults),
    ),
    inputs: trainerContract.inputs,
    outputs: {
      ...trainerContract.outputs,
      history: table as ArtifactType<HistoryRow[]>,
      ...(tensorBoardLog && { log: tensorboardLog }),
    },
    async run(inputs: TrainerInputs, context: StepRunContext) {
      const { trainFeedForward } = await import("./train-feed-forward.js");
      return trainFeedForward(inputs, context as never, {
        modelFn: modelFn as never,
        callbacks,
        checkpointEvery,
        tensorBoardLog,
        parts,
      });
    },
  }) as unknown as Step<TrainerInputs, Given<S>, Handles<OutputsOf<L>>>;
}
