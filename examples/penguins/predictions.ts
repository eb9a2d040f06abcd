import { Client, type ModelReference, pipeline } from "@tenon/core";
import { z } from "zod";
import { load } from "./src/data.js";
import type { SoftmaxModel } from "./src/fit.js";
import { predict, predictWithBetter } from "./src/predict.js";
import type { Scaling } from "./src/table.js";

const client = new Client(); // opens nothing until it is asked for something

/** What one version of the model holds, of which nothing is looked up before a step that takes it starts. */
const parts = (version: ModelReference) => ({
  model: version.artifact<SoftmaxModel>("penguins.fit"),
  scale: version.artifact<Scaling>("penguins.standardise.scale"),
  accuracy: version.artifact("penguins.evaluate.report").metadata("accuracy", z.number()),
});

/** Predicts with version 1 of the model or with the latest, whichever was the better one when it was evaluated. */
export const doPredictions = pipeline({
  name: "do_predictions",
  body: () => {
    const first = parts(client.model("penguins", { version: "1" }));
    const latest = parts(client.model("penguins")); // the latest when `predict` starts
    return predictWithBetter({
      birds: load(),
      model1: first.model,
      scale1: first.scale,
      accuracy1: first.accuracy,
      model2: latest.model,
      scale2: latest.scale,
      accuracy2: latest.accuracy,
    });
  },
});

/** Predicts with the version that is in production: `tenon model stage penguins@2 production`. */
export const predictInProduction = pipeline({
  name: "predict_in_production",
  body: () => {
    const { model, scale } = parts(client.model("penguins", { stage: "production" }));
    return predict({ birds: load(), model, scale });
  },
});
