import { artifactType, step } from "@tenon/core";
import { z } from "zod";
import { probabilities, type SoftmaxModel, softmaxModel } from "./fit.js";
import { birds, measurements, type Observation, type Scaling, scaling, species, standardised } from "./table.js";

const prediction = z.object({ bird: z.int(), species: z.enum(species), probability: z.number().min(0).max(1) });
/** A row for each bird that was measured in full; `bird` is its row in the table. */
export const predictions = artifactType<z.infer<typeof prediction>[]>("table", { schema: z.array(prediction) });

/** Takes the better of two models, by the accuracy that was recorded when they were evaluated. */
export const predictWithBetter = step({
  name: "predict",
  inputs: {
    birds,
    model1: softmaxModel,
    scale1: scaling,
    accuracy1: z.number(),
    model2: softmaxModel,
    scale2: scaling,
    accuracy2: z.number(),
  },
  output: predictions,
  run({ birds, model1, scale1, accuracy1, model2, scale2, accuracy2 }, { log, metadata }) {
    const first = accuracy1 > accuracy2;
    log.info(`model 1 has accuracy ${accuracy1}, model 2 has ${accuracy2}: predicting with ${first ? 1 : 2}`);
    metadata({ output: { better: first ? "model1" : "model2", accuracy1, accuracy2 } });
    return first ? classify(birds, model1, scale1) : classify(birds, model2, scale2);
  },
});

export const predict = step({
  name: "predict",
  inputs: { birds, model: softmaxModel, scale: scaling },
  output: predictions,
  run: ({ birds, model, scale }) => classify(birds, model, scale),
});

function classify(rows: readonly Observation[], model: SoftmaxModel, scale: Scaling): z.infer<typeof prediction>[] {
  return rows.flatMap((row, bird) => {
    const x = measurements(row);
    if (!x) return [];
    const likely = probabilities(model, standardised(x, scale));
    const probability = Math.max(...likely);
    return [{ bird, species: species[likely.indexOf(probability)] as (typeof species)[number], probability }];
  });
}
