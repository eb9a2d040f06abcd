import { TenonError } from "@tenon/core";
import type { Tensor } from "@tensorflow/tfjs";
import type { Epoch, Training, TrainingCallback } from "./callbacks.js";

export interface EarlyStoppingOptions {
  /** The metric that is watched; by default `val_loss` if there are validation rows, else `loss`. */
  readonly monitor?: string;
  /** Epochs without an improvement after which it stops; by default 5. */
  readonly patience?: number;
  /** What counts as an improvement; by default anything. */
  readonly minDelta?: number;
  /** By default the metric's name tells: accuracy is to grow, all else to shrink. */
  readonly mode?: "min" | "max";
  /** Whether the weights of the best epoch are taken in the end; by default true. */
  readonly restoreBest?: boolean;
}

/**
 * Stops when a metric has not become better for some epochs, and takes the weights that were best.
 *
 * @throws `PARAMETER_INVALID` for a patience or a difference below 0
 * @example feedForwardTrainer({ modelFn, callbacks: () => [earlyStopping({ patience: 3 })] })
 */
export function earlyStopping(options: EarlyStoppingOptions = {}): TrainingCallback {
  const { patience = 5, minDelta = 0, restoreBest = true } = options;
  if (!(patience >= 0 && minDelta >= 0)) throw negative(patience, minDelta);
  let best: number | undefined;
  let bestEpoch = 0;
  let weights: Tensor[] = [];
  const forget = () => {
    for (const tensor of weights) tensor.dispose();
    weights = [];
  };
  const isBetter = (value: number, name: string) => {
    if (best === undefined) return true;
    if (Number.isNaN(best)) return !Number.isNaN(value);
    const grows = (options.mode ?? (/acc|auc|precision|recall/i.test(name) ? "max" : "min")) === "max";
    return grows ? value > best + minDelta : value < best - minDelta;
  };
  return {
    epochEnd({ epoch, metrics }: Epoch, { model, stop }: Training) {
      const name = options.monitor ?? ("val_loss" in metrics ? "val_loss" : "loss");
      const value = metrics[name];
      if (value === undefined) throw unknownMetric(name, Object.keys(metrics));
      if (isBetter(value, name)) {
        best = value;
        bestEpoch = epoch;
        if (!restoreBest) return;
        forget();
        weights = model.getWeights().map((weight) => weight.clone());
      }
      if (epoch - bestEpoch >= patience) stop();
    },
    end({ model }: Training) {
      if (weights.length > 0) model.setWeights(weights);
    },
    // As a text, for JSON has no Infinity.
    remember: () => ({ values: { best: best === undefined ? null : String(best), bestEpoch }, tensors: weights }),
    recall({ values, tensors }) {
      best = values.best === null ? undefined : Number(values.best);
      bestEpoch = values.bestEpoch as number;
      weights = [...tensors];
    },
    dispose: forget,
  };
}

function negative(patience: number, minDelta: number): TenonError {
  return new TenonError("PARAMETER_INVALID", {
    doing: "describing when to stop early",
    found: `its patience is ${patience}, and its minDelta ${minDelta}`,
    fix: "Give numbers from 0.",
  });
}

function unknownMetric(name: string, known: readonly string[]): TenonError {
  return new TenonError("PARAMETER_INVALID", {
    doing: `watching '${name}' to stop early`,
    found: `there is no such metric; there is ${known.join(", ")}`,
    fix: "Name one of these as 'monitor', and give the trainer validation rows for those that begin with val_.",
  });
}
