import { artifactType, step } from "@tenon/core";
import { type ClassPredictions, mostProbable, type Rows, rows, type TrainedModel, trainedModel } from "@tenon/ml";
import { z } from "zod";
import { species } from "./data.js";

const prediction = z.object({ bird: z.int(), species: z.enum(species), probability: z.number().min(0).max(1) });
/** A row for each bird; `bird` is its row in the table. */
export const predictions = artifactType<z.infer<typeof prediction>[]>("table", { schema: z.array(prediction) });

/** Takes the better of two models, by the accuracy that was recorded when they were evaluated. */
export const predictWithBetter = step({
  name: "predict",
  inputs: { birds: rows, model1: trainedModel, accuracy1: z.number(), model2: trainedModel, accuracy2: z.number() },
  output: predictions,
  run({ birds, model1, accuracy1, model2, accuracy2 }, { log, metadata }) {
    const first = accuracy1 > accuracy2;
    log.info(`model 1 has accuracy ${accuracy1}, model 2 has ${accuracy2}: predicting with ${first ? 1 : 2}`);
    metadata({ output: { better: first ? "model1" : "model2", accuracy1, accuracy2 } });
    return classify(birds, first ? model1 : model2);
  },
});

export const predict = step({
  name: "predict",
  inputs: { birds: rows, model: trainedModel },
  output: predictions,
  run: ({ birds, model }) => classify(birds, model),
});

/** The model has the transform inside: it takes rows as they were noted down. */
async function classify(birds: Rows, model: TrainedModel): Promise<z.infer<typeof prediction>[]> {
  const predicted = (await model.predict(birds)) as ClassPredictions;
  const { classes, probabilities } = predicted;
  return Array.from(mostProbable(predicted), (place, bird) => ({
    bird,
    species: classes[place] as (typeof species)[number],
    probability: probabilities[bird * classes.length + place] as number,
  }));
}
