import { type StepRunContext, series } from "@tenon/core";
import type { TrainerInputs } from "@tenon/ml";
import type { LayersModel } from "@tensorflow/tfjs";
import type { TensorFlow } from "../backend/names.js";
import type { TensorBoardLog } from "../tensorboard/tensorboard-log.js";
import { trainingCheckpoint } from "../types.js";
import type { Epoch, Training, TrainingCallback } from "./callbacks.js";
import { applyCheckpoint, takeCheckpoint } from "./checkpoint.js";
import { compileFor } from "./compile.js";
import { batchesOf } from "./examples.js";
import type { FeedForwardOutputs, FeedForwardParts, HistoryRow, NetworkRequest } from "./feed-forward-trainer.js";
import { trainEpochs } from "./loop.js";
import type { TrainingParameters } from "./parameters.js";
import type { TrainContext } from "./tensorflow-trainer.js";
import { disposeOf, refuseOthers, trainNetwork } from "./train-network.js";

export interface FeedForwardRecipe {
  modelFn(request: NetworkRequest<TrainingParameters>): LayersModel | Promise<LayersModel>;
  readonly callbacks: (() => readonly TrainingCallback[]) | undefined;
  readonly checkpointEvery: number | undefined;
  readonly tensorBoardLog: boolean;
  readonly parts: Partial<FeedForwardParts>;
}

type Context = StepRunContext<TrainingParameters>;

/** Builds, compiles and trains a network as a step, and says how it went. */
export async function trainFeedForward(
  inputs: TrainerInputs,
  context: Context,
  recipe: FeedForwardRecipe,
): Promise<FeedForwardOutputs & { log?: TensorBoardLog }> {
  const history: HistoryRow[] = [];
  const model = await trainNetwork(inputs, context, (_, inner) => train(inputs, inner, recipe, history));
  context.metadata({ model: summaryOf(history) });
  if (!recipe.tensorBoardLog) return { model, history };
  const { historyLog } = await import("./history-log.js");
  return { model, history, log: await historyLog(await context.temporaryDirectory(), history) };
}

async function train(
  inputs: TrainerInputs,
  { tf, params, log, signal, checkpoints }: TrainContext<TrainingParameters>,
  recipe: FeedForwardRecipe,
  history: HistoryRow[],
): Promise<LayersModel> {
  const { batches = batchesOf, compile = compileFor, loop = trainEpochs } = recipe.parts;
  const { transform, validation } = inputs;
  const callbacks = recipe.callbacks?.() ?? [];
  const model = await recipe.modelFn(requestOf(tf, inputs, params));
  refuseOthers(model);
  try {
    compile(tf, model, { ...params, classes: transform.classes });
    const data = {
      train: batches(tf, model, inputs.train, inputs, "training"),
      validation:
        validation && validation.length > 0 ? batches(tf, model, validation, inputs, "validation") : undefined,
    };
    const { epochs, batchSize, learningRate } = params;
    let stopped = false;
    const stop = () => {
      stopped = true;
    };
    const training: Training = { tf, model, epochs, batchSize, learningRate, signal, stop };
    const { checkpointEvery } = recipe;
    const kept = checkpointEvery === undefined ? undefined : await checkpoints.latest(trainingCheckpoint);
    if (kept !== undefined) {
      await applyCheckpoint(tf, kept, { model, callbacks });
      history.push(...kept.history);
      log.info(`going on after epoch ${kept.epoch}, where an earlier attempt has kept a checkpoint`);
    }
    for (const callback of callbacks) await callback.begin?.(training);
    await loop(training, data, {
      seed: params.seed,
      first: (kept?.epoch ?? 0) + 1,
      epochEnd: async (epoch) => {
        history.push({ epoch: epoch.epoch, ...finite(epoch.metrics) });
        log.progress(epoch.epoch, epochs, { label: "epoch", ...rounded(epoch) });
        for (const callback of callbacks) await callback.epochEnd?.(epoch, training);
        if (checkpointEvery !== undefined && epoch.epoch % checkpointEvery === 0 && !stopped && epoch.epoch < epochs) {
          await checkpoints.save(await takeCheckpoint(tf, { model, callbacks }, history), { type: trainingCheckpoint });
        }
        return stopped;
      },
    });
    for (const callback of callbacks) await callback.end?.(training);
    return model;
  } catch (error) {
    disposeOf(model);
    throw error;
  } finally {
    for (const callback of callbacks) await callback.dispose?.();
  }
}

function requestOf(
  tf: TensorFlow,
  { transform }: TrainerInputs,
  params: TrainingParameters,
): NetworkRequest<TrainingParameters> {
  const { classes, featureNames } = transform;
  const activation = classes === undefined ? "linear" : "softmax";
  return { tf, features: featureNames.length, outputs: classes?.length ?? 1, activation, classes, params };
}

/** The curves of all metrics, and their last values. */
function summaryOf(history: readonly HistoryRow[]) {
  const { epoch = 0, ...last } = history.at(-1) ?? {};
  const { epoch: _, ...names } = Object.assign({}, ...history) as HistoryRow;
  const curves = Object.keys(names).map((name) => [
    `${name}_by_epoch`,
    series(history.map((row) => [row.epoch, row[name] ?? null] as const)),
  ]);
  return { epochs: epoch, ...last, ...Object.fromEntries(curves) };
}

/** Tables, metadata and JSON have no other numbers, and the loss of validation rows may well be infinite. */
function finite(metrics: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(metrics).filter(([, value]) => Number.isFinite(value)));
}

function rounded({ metrics }: Epoch): Record<string, number> {
  return Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, Number(value.toPrecision(4))]));
}
