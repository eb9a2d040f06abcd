import { type Handles, type Step, type StepOptions, series, step } from "@tenon/core";
import { z } from "zod";
import { type TrainerInputs, type TrainerOutputs, trainer } from "../steps/contracts.js";
import { refuseUnknown } from "../vocabulary/known-options.js";
import { examplesOf } from "./examples.js";

export interface LinearParameters {
  /** Passes over the training rows, for classes only: numbers are fitted exactly. By default 300. */
  readonly epochs?: number | undefined;
  /** By default 0.5. */
  readonly learningRate?: number | undefined;
  /** How much large weights cost; by default 0.0001. */
  readonly l2?: number | undefined;
}

/**
 * A trainer of linear models: least squares for numbers, softmax regression for classes. Features should be standardised.
 * It is small and has no chance in it; a first model to compare others with. Call it at the top level of a module.
 *
 * @param settings how it runs, and its `name`, by default `linear`
 * @example export const fit = linear({ epochs: 500 });
 */
export function linear(
  parameters: LinearParameters = {},
  { name = "linear", ...settings }: StepOptions & { readonly name?: string } = {},
): Step<TrainerInputs, LinearParameters, Handles<TrainerOutputs>> {
  refuseUnknown(parameters, ["epochs", "learningRate", "l2"], `defining the step '${name}'`);
  const { epochs = 300, learningRate = 0.5, l2 = 1e-4 } = parameters;
  return step({
    ...settings,
    name,
    params: z.object({
      epochs: z.int().positive().prefault(epochs),
      learningRate: z.number().positive().prefault(learningRate),
      l2: z.number().min(0).prefault(l2),
    }),
    ...trainer,
    async run({ train, transform }, { params, log, signal, metadata, model }) {
      const [{ LinearModel }, { fitLeastSquares, fitSoftmax }] = await Promise.all([
        import("./linear-model.js"),
        import("./fit-linear.js"),
      ]);
      signal.throwIfAborted();
      const examples = examplesOf(transform, train);
      if (examples.unlabelled > 0) log.warn(`${examples.unlabelled} training rows have no label and are left out`);
      const classes = transform.classes;
      if (classes === undefined) {
        return { model: new LinearModel(transform, [fitLeastSquares(examples, params.l2)]) };
      }
      const losses: number[] = [];
      const weights = await fitSoftmax(examples, classes.length, {
        ...params,
        signal,
        onEpoch(epoch, loss) {
          losses.push(loss);
          log.progress(epoch, params.epochs, { label: "epoch", loss: Number(loss.toFixed(4)) });
        },
      });
      metadata({ model: { loss: losses.at(-1) ?? null, epochs: params.epochs } });
      model?.metadata({ loss: series(losses) });
      return { model: new LinearModel(transform, weights) };
    },
  });
}
