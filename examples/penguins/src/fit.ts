import { step } from "@tenon/core";
import { z } from "zod";
import { type Example, examples, features, species } from "./table.js";

/** One row of weights for each species: one weight for each feature, then the bias. */
export const softmaxModel = z.object({ weights: z.array(z.array(z.number()).length(features.length + 1)) });
export type SoftmaxModel = z.infer<typeof softmaxModel>;

/** Softmax regression by gradient descent over all rows at once: no chance in it, so equal inputs give equal models. */
export const fit = step({
  name: "fit",
  params: z.object({
    epochs: z.int().positive().default(200),
    learningRate: z.number().positive().default(0.5),
    decay: z.number().min(0).default(0.001),
  }),
  inputs: { train: examples },
  output: softmaxModel,
  run({ train }, { params, log, signal, metadata }) {
    const weights = species.map(() => new Array<number>(features.length + 1).fill(0));
    let loss = Number.NaN;
    for (let epoch = 1; epoch <= params.epochs; epoch++) {
      signal.throwIfAborted();
      loss = descend(weights, train, params);
      log.progress(epoch, params.epochs, { label: "epoch", loss: Number(loss.toFixed(4)) });
    }
    metadata({ output: { loss, epochs: params.epochs } });
    return { weights };
  },
});

/** Probabilities of each species for one standardised row. */
export function probabilities({ weights }: SoftmaxModel, x: readonly number[]): number[] {
  const scores = weights.map((row) => row.reduce((sum, weight, column) => sum + weight * (x[column] ?? 1), 0));
  const highest = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - highest));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

/** One step downhill, in place. Returns the mean loss before it. */
function descend(weights: number[][], rows: readonly Example[], by: { learningRate: number; decay: number }): number {
  const gradient = weights.map((row) => row.map((weight) => by.decay * weight));
  let loss = 0;
  for (const { x, y } of rows) {
    const likely = probabilities({ weights }, x);
    loss -= Math.log(Math.max(likely[y] as number, 1e-12)) / rows.length;
    gradient.forEach((row, index) => {
      const error = ((likely[index] as number) - (index === y ? 1 : 0)) / rows.length;
      for (const column of row.keys()) row[column] = (row[column] as number) + error * (x[column] ?? 1);
    });
  }
  weights.forEach((row, index) => {
    for (const column of row.keys()) {
      row[column] = (row[column] as number) - by.learningRate * (gradient[index]?.[column] as number);
    }
  });
  return loss;
}
