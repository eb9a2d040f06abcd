import { z } from "zod";
import { defaultParameters, type TrainingParameters } from "./parameters.js";

/** A schema of these parameters with such defaults, and of some more. */
export function parametersWith<S extends z.ZodRawShape>(own: S, defaults: Partial<TrainingParameters>) {
  const { epochs, batchSize, learningRate, optimizer, seed } = { ...defaultParameters, ...defaults };
  return z.object({
    epochs: z.int().positive().prefault(epochs),
    batchSize: z.int().positive().prefault(batchSize),
    learningRate: z.number().positive().prefault(learningRate),
    optimizer: z.enum(["adam", "sgd", "rmsprop", "adagrad"]).prefault(optimizer),
    seed: z.int().prefault(seed),
    ...own,
  });
}
