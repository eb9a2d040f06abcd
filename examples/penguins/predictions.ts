import { Client, type ModelReference, pipeline } from "@tenon/core";
import type { TrainedModel } from "@tenon/ml";
import { z } from "zod";
import { load } from "./src/data.js";
import { predict, predictWithBetter } from "./src/predict.js";

const client = new Client(); // opens nothing until it is asked for something

/** The model of one version, of which nothing is looked up before a step that takes it starts. */
const modelOf = (version: ModelReference) => version.artifact<TrainedModel>("penguins.fit.model");

/** Predicts with version 1 of the model or with the latest, whichever was the better one when it was evaluated. */
export const doPredictions = pipeline({
  name: "do_predictions",
  body: () => {
    const first = client.model("penguins", { version: "1" });
    const latest = client.model("penguins"); // the latest when `predict` starts
    return predictWithBetter({
      birds: load(),
      model1: modelOf(first),
      accuracy1: first.metadata("accuracy", z.number()),
      model2: modelOf(latest),
      accuracy2: latest.metadata("accuracy", z.number()),
    });
  },
});

/** Predicts with the version that is in production: `tenon model stage penguins@2 production`. */
export const predictInProduction = pipeline({
  name: "predict_in_production",
  body: () => predict({ birds: load(), model: modelOf(client.model("penguins", { stage: "production" })) }),
});
