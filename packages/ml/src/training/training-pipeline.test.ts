import { run, step, type TenonError } from "@tenon/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { type TestProject, testProject } from "../../test-project.js";
import { evaluate } from "../evaluation/evaluate.js";
import { impute, oneHot, standardise } from "../preprocessing/built-in-operations.js";
import { preprocess } from "../preprocessing/steps.js";
import { randomSplit } from "../splits/steps.js";
import { trainer } from "../steps/contracts.js";
import { birdFeatures, birds } from "../testing/birds.js";
import type { Rows } from "../vocabulary/row.js";
import { rows } from "../vocabulary/types.js";
import { linear } from "./linear.js";
import { register } from "./register.js";
import { trainingPipeline } from "./training-pipeline.js";

const load = step({
  name: "load",
  params: z.object({ count: z.int().default(240) }),
  output: rows,
  run: (_: Record<never, never>, { params }): Rows => birds(params.count),
});
const cut = randomSplit({ train: 0.6, validation: 0.2, test: 0.2 });
const prepare = preprocess({ features: birdFeatures, label: "species" });
const fit = linear();
const judge = evaluate({ slices: ["island"] });

const training = trainingPipeline({
  name: "birds",
  data: load,
  split: cut,
  preprocess: prepare,
  train: fit,
  evaluate: judge,
  register: register({ atLeast: { accuracy: 0.8 } }),
});

let project: TestProject;
beforeEach(() => {
  project = testProject();
});
afterEach(() => project[Symbol.asyncDispose]());

const start = (pipeline = training, params: Record<string, unknown> = {}) =>
  run(pipeline, { directory: project.directory, params });

describe("a training pipeline", () => {
  test("goes from rows to an evaluated version of a model in production", async () => {
    const result = await start();
    const evaluation = await result.outputs.evaluation.load();
    expect(evaluation).toMatchObject({ task: "classification", label: "species", rows: 47, unlabelled: 1 });
    expect((evaluation.metrics as { accuracy: number }).accuracy).toBeGreaterThan(0.9);
    expect(evaluation.comparison).toBeUndefined();
    expect(evaluation.slices.map(({ value }) => value)).toEqual(["Biscoe", "Dream", "Torgersen"]);
    expect(await result.outputs.report.load()).toContain("<svg");
    expect(await result.outputs.registration.load()).toEqual({
      model: "birds",
      version: "1",
      stage: "production",
      because: [],
    });
    const model = await result.outputs.model.load();
    expect(await model.predict(birds(3, 9))).toMatchObject({ classes: ["Adelie", "Chinstrap", "Gentoo"] });
    const version = await project.client.models.get("birds@production");
    expect(version.metadata).toMatchObject({ accuracy: expect.any(Number), "macro.f1": expect.any(Number) });
  });

  test("compares with the model in production, and leaves a worse one out of it", async () => {
    await start();
    const worse = await start(training, { "train.epochs": 1, "train.learningRate": 0.000001 });
    const { comparison } = await worse.outputs.evaluation.load();
    expect(comparison).toMatchObject({ metric: "accuracy", better: false });
    expect(comparison?.differing).toBeGreaterThan(0);
    expect(await worse.outputs.report.load()).toContain("this model is worse than the one in production");
    const registration = await worse.outputs.registration.load();
    expect(registration.stage).toBeNull();
    expect(registration.because.join()).toMatch(/its accuracy is 0\.\d+, below/);
    const { metadata } = await project.client.artifacts.get("birds.register.registration");
    expect(metadata).toEqual({ refused: registration.because.join("; ") });
  });

  test("has no other slots than those that it knows, so that a misspelt one is not left out in silence", () => {
    const slots = { name: "birds", data: load, split: cut, preprocess: prepare, train: fit };
    const misspelt = { ...slots, registr: register() };
    expect(() => trainingPipeline(misspelt)).toThrow("Did you mean 'register'?");
  });

  test("takes another step of the same interface in each slot", async () => {
    const constant = step({
      name: "constant",
      ...trainer,
      run: async ({ train, validation, transform }) => {
        expect(validation?.length).toBe(48);
        const { LinearModel } = await import("./linear-model.js");
        const weights = transform.classes?.map((_, at) => {
          const line = new Float64Array(transform.featureNames.length + 1);
          line[line.length - 1] = at === 0 ? train.length : 0;
          return line;
        });
        return { model: new LinearModel(transform, weights ?? []) };
      },
    });
    const other = training.with({ steps: { train: constant, evaluate: evaluate() } });
    const result = await start(other);
    const { confusion, slices } = await result.outputs.evaluation.load();
    expect(confusion?.counts.map(([first, ...rest]) => [first !== 0, rest.every((count) => count === 0)])).toEqual([
      [true, true],
      [true, true],
      [true, true],
    ]);
    expect(slices).toEqual([]);
    // @ts-expect-error a split is no trainer
    expect(() => training.with({ steps: { train: cut } })).toThrow("has no output 'model'");
  });

  test("takes its rows as they are, too, and tells numbers", async () => {
    const masses = trainingPipeline({
      name: "masses",
      data: birds(120),
      split: cut,
      preprocess: preprocess({
        features: { flipper: [impute("mean"), standardise()], island: [oneHot()] },
        label: { column: "mass", operations: [standardise()] },
      }),
      train: linear(),
    });
    const result = await run(masses, { directory: project.directory });
    const { metrics, sample } = await result.outputs.evaluation.load();
    expect((metrics as { r2: number }).r2).toBeGreaterThan(0.4);
    // In grams again, although it was fitted to a standardised label.
    expect(sample?.points[0]?.[1]).toBeGreaterThan(2000);
  });
});

describe("a training pipeline that cannot go on", () => {
  const artifacts = async () => {
    const names: string[] = [];
    for await (const { name } of project.client.artifacts.list()) names.push(name);
    return names;
  };

  test("says that a part of the split has no rows", async () => {
    const failed = (await start(training, { "data.count": 0 }).catch((error: unknown) => error)) as TenonError;
    expect((failed.cause as TenonError).code).toBe("SPLIT_EMPTY");
  });

  test("leaves nothing of a step that failed: of a model whose predictions are no numbers there is no evaluation", async () => {
    const broken = step({
      name: "broken",
      ...trainer,
      run: async ({ transform }) => {
        const { LinearModel } = await import("./linear-model.js");
        const width = transform.featureNames.length + 1;
        // Sums of these are not finite.
        return {
          model: new LinearModel(
            transform,
            [0, 1, 2].map(() => new Float64Array(width).fill(1.7e308)),
          ),
        };
      },
    });
    const failed = (await start(training.with({ steps: { train: broken } })).catch(
      (error: unknown) => error,
    )) as TenonError;
    expect(failed.cause).toMatchObject({ code: "PREDICTION_INVALID" });
    const names = await artifacts();
    expect(names).toContain("birds.train.model");
    expect(names.filter((name) => name.startsWith("birds.evaluate"))).toEqual([]);
  });
});
