import { json, pipeline, step } from "@tenon/core";
import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import type { FittedTransform } from "../preprocessing/fitted-transform.js";
import type { TrainedModel } from "../training/trained-model.js";
import type { Rows } from "../vocabulary/row.js";
import { type SplitStep, splitter, type TrainerStep, trainedModel, trainer } from "./contracts.js";

const fit = step({
  name: "fit",
  params: z.object({ epochs: z.int().default(5) }),
  ...trainer,
  run({ train, validation, transform }, { params }) {
    expectTypeOf(train).toEqualTypeOf<Rows>();
    expectTypeOf(validation).toEqualTypeOf<Rows | undefined>();
    expectTypeOf(transform).toEqualTypeOf<FittedTransform>();
    expectTypeOf(params.epochs).toEqualTypeOf<number>();
    return { model: {} as TrainedModel };
  },
});
const fitWithHistory = step({
  name: "fit",
  ...trainer,
  outputs: { ...trainer.outputs, history: json },
  run: () => ({ model: {} as TrainedModel, history: [1] }),
});
const cut = step({
  name: "cut",
  ...splitter,
  outputs: { ...splitter.outputs, validation: splitter.outputs.train },
  run: ({ rows }) => ({ train: rows, validation: rows, test: rows }),
});

describe("steps that declare an interface", () => {
  test("have its type, whatever parameters and outputs they add", () => {
    expectTypeOf(fit).toExtend<TrainerStep>();
    expectTypeOf(fitWithHistory).toExtend<TrainerStep>();
    expectTypeOf(cut).toExtend<SplitStep>();
    expectTypeOf(cut).not.toExtend<TrainerStep>();
  });

  test("take each other's place in a slot", () => {
    const training = pipeline({
      name: "training",
      steps: { fit },
      body: ({ steps }) => ({ model: steps.fit({ train: [], transform: {} as FittedTransform }).model }),
    });
    expect(training.with({ steps: { fit: fitWithHistory } }).replaced).toEqual({ fit: fitWithHistory });
    // @ts-expect-error a split is no trainer
    expect(() => training.with({ steps: { fit: cut } })).toThrow("has no output 'model'");
  });
});

test("what a trainer gives is checked: it has to be a model with its transform", () => {
  const { validate } = trainedModel["~standard"];
  expect(validate({ weights: [1] })).toMatchObject({ issues: [{ message: expect.stringContaining("TrainedModel") }] });
});
