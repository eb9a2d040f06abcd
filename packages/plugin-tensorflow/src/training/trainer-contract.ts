import { artifactType, type Schema } from "@tenon/core";
import type { TrainedModel, TrainerInputs, trainer } from "@tenon/ml";

/**
 * What `trainer` of `@tenon/ml` declares, by the names that stand for it: importing that package loads its steps and zod, and
 * importing this one is to cost nothing.
 */
export const trainerContract: typeof trainer = {
  inputs: { train: artifactType("ml/Rows"), validation: anything(), transform: artifactType("ml/Transform") },
  outputs: { model: modelThatPredicts() },
};

function anything(): Schema<TrainerInputs["validation"]> {
  return { "~standard": { version: 1, vendor: "tenon", validate: (value) => ({ value: value as never }) } };
}

function modelThatPredicts(): Schema<TrainedModel> {
  return {
    "~standard": {
      version: 1,
      vendor: "tenon",
      validate: async (value) => (await import("@tenon/ml")).trainedModel["~standard"].validate(value),
    },
  };
}
