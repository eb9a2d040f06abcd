import { z } from "zod";
import { defaultParameters, type TrainingParameters } from "./parameters.js";

/** A schema of these parameters with such defaults, and of some more. */
export function parametersWith<S extends z.ZodRawShape>(own: S, defaults: Partial<TrainingParameters>) {
  const { epochs, batchSize, learningRate, optimizer, seed } = { ...defaultParameters, ...defaults };
  return z.object({
    epochs: z.int().positive().default(epochs),
    batchSize: z.int().positive().default(batchSize),
    learningRate: z.number().positive().default(learningRate),
    optimizer: z.enum(["adam", "sgd", "rmsprop", "adagrad"]).default(optimizer),
    seed: z.int().default(seed),
    ...own,
  });
}
