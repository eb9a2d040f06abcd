import { testMaterializer } from "@tenon/core/testing";
import { describe, expect, test } from "vitest";
import { deploy } from "../deployment/deploy.js";
import { evaluate } from "../evaluation/evaluate.js";
import { bucketize, oneHot, standardise } from "../preprocessing/built-in-operations.js";
import { fit } from "../preprocessing/fit.js";
import { birds } from "../testing/birds.js";
import type { Row, Rows } from "../vocabulary/row.js";
import { examplesOf } from "./examples.js";
import { fitLeastSquares, fitSoftmax } from "./fit-linear.js";
import { linear } from "./linear.js";
import { LinearModel } from "./linear-model.js";
import { materializer } from "./linear-model-materializer.js";
import type { ClassPredictions, NumberPredictions } from "./predictions.js";
import { register } from "./register.js";

/** y is 3a - 2b + 5. */
const plane: Rows = [
  [0, 0],
  [1, 0],
  [0, 1],
  [2, 3],
  [4, 1],
].map(([a = 0, b = 0]): Row => ({ a, b, y: 3 * a - 2 * b + 5 }));
const onPlane = fit(plane, { features: { a: [], b: [] }, label: "y" });

async function trained(rows: Rows, transform = onPlane, params: object = {}) {
  const settings = { epochs: 300, learningRate: 0.5, l2: 0, ...params };
  return (await linear().run({ train: rows, transform }, { params: settings as never })) as { model: LinearModel };
}

describe("a linear model of numbers", () => {
  test("finds the plane that the rows lie on", async () => {
    const { model } = await trained(plane);
    for (const [at, weight] of [3, -2, 5].entries()) expect(model.weights[0]?.[at]).toBeCloseTo(weight, 10);
    const { values } = (await model.predict([{ a: 10, b: 10 }])) as NumberPredictions;
    expect(values[0]).toBeCloseTo(15, 9);
  });

  test("has smaller weights the more they cost, as ridge regression has them", () => {
    // scikit-learn 1.2.1: Ridge(alpha=2.5).fit(…).coef_ and intercept_, alpha being l2 times the rows
    const weights = fitLeastSquares(examplesOf(onPlane, plane), 0.5);
    const known = [2.267100977198697, -1.1530944625407165, 5.17915309446254];
    expect(Array.from(weights)).toEqual(known.map((one) => expect.closeTo(one, 10)));
  });

  test("gives numbers in the units of the raw label, although it was fitted to a standardised one", async () => {
    const transform = fit(plane, {
      features: { a: [standardise()], b: [standardise()] },
      label: { column: "y", operations: [standardise()] },
    });
    const { model } = await trained(plane, transform);
    const { values } = (await model.predict(plane)) as NumberPredictions;
    for (const [at, row] of plane.entries()) expect(values[at]).toBeCloseTo(row.y as number, 9);
  });
});

describe("a row that a model does not take", () => {
  test("is said by its number among all rows", async () => {
    const { model } = await trained(plane);
    const rows = Array.from({ length: 2000 }, (_, at): Row => (at === 1500 ? { a: 1 } : { a: 1, b: 1 }));
    await expect(model.predict(rows)).rejects.toMatchObject({
      code: "DATA_COLUMN_MISSING",
      doing: expect.stringContaining("transforming row 1500,"),
      details: { row: 1500 },
    });
  });

  test("has a vector of another length than those that it has learnt from", async () => {
    const rows = plane.map(({ a, b, y }): Row => ({ point: [a as number, b as number], y: y as number }));
    const { model } = await trained(rows, fit(rows, { features: { point: [] }, label: "y" }));
    for (const point of [[1], [1, 2, 3]]) {
      await expect(model.predict([{ point: [1, 2] }, { point }])).rejects.toMatchObject({
        code: "DATA_INVALID",
        doing: expect.stringContaining("transforming row 1,"),
        found: `they are ${point.length}, and 2 are expected`,
      });
    }
  });
});

describe("a linear model of classes", () => {
  test("tells apart what lies apart, with probabilities that sum to 1", async () => {
    const rows = Array.from(
      { length: 30 },
      (_, at): Row => ({ x: (at % 3) * 4 + (at % 2), kind: ["a", "b", "c"][at % 3] as string }),
    );
    const transform = fit(rows, { features: { x: [standardise()] }, label: "kind" });
    const { model } = await trained(rows, transform);
    const { classes, probabilities } = (await model.predict([{ x: 0 }, { x: 4 }, { x: 9 }])) as ClassPredictions;
    expect(classes).toEqual(["a", "b", "c"]);
    for (const row of [0, 1, 2]) {
      const own = probabilities.subarray(row * 3, row * 3 + 3);
      expect(own.indexOf(Math.max(...own))).toBe(row);
      expect(own.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 12);
    }
  });

  test("lowers its loss from epoch to epoch, and reports it", async () => {
    const losses: number[] = [];
    const transform = fit(birds(), { features: { island: [oneHot()] }, label: "species" });
    await fitSoftmax(examplesOf(transform, birds()), 3, {
      epochs: 20,
      learningRate: 0.1,
      l2: 0,
      onEpoch: (_, loss) => losses.push(loss),
    });
    expect(losses[0]).toBeCloseTo(Math.log(3), 10);
    expect(losses.at(-1)).toBeLessThan(losses[0] as number);
  });

  test("is cancelled between epochs", async () => {
    const controller = new AbortController();
    const transform = fit(birds(), { features: { island: [oneHot()] }, label: "species" });
    const seen: number[] = [];
    const attempt = fitSoftmax(examplesOf(transform, birds()), 3, {
      epochs: 1_000_000,
      learningRate: 0.1,
      l2: 0,
      signal: controller.signal,
      onEpoch(epoch) {
        seen.push(epoch);
        if (epoch === 5) controller.abort(new Error("enough"));
      },
    });
    await expect(attempt).rejects.toThrow("enough");
    expect(seen.length).toBe(5);
  });
});

test("parameters that are given where the trainer is written are held against what they may be", async () => {
  for (const wrong of [{ epochs: -5 }, { learningRate: 0 }, { l2: "much" as never }]) {
    const { params } = linear(wrong) as unknown as { params: { safeParse(value: unknown): { success: boolean } } };
    expect(params.safeParse({}).success).toBe(false);
  }
});

test("a parameter that there is not is refused where the step is written", () => {
  const refused = (fix: string) => expect.objectContaining({ code: "PARAMETER_UNKNOWN", fix });
  expect(() => linear({ epoch: 5 } as never)).toThrow(refused("Did you mean 'epochs'?"));
  expect(() => register({ atleast: { accuracy: 0.9 } } as never)).toThrow(refused("Did you mean 'atLeast'?"));
  expect(() => deploy({ stag: "production" } as never)).toThrow(refused("Did you mean 'stage'?"));
  expect(() => evaluate({ slice: ["x"] } as never)).toThrow(refused("Did you mean 'slices'?"));
});

describe("what nothing can be learnt from", () => {
  test("a loss that is no number: says in which epoch, and what to do", async () => {
    const rows: Rows = [
      { x: 1e308, kind: "a" },
      { x: -1e308, kind: "b" },
    ];
    const transform = fit(rows, { features: { x: [] }, label: "kind" });
    await expect(trained(rows, transform, { learningRate: 10 })).rejects.toMatchObject({
      code: "TRAINING_DIVERGED",
      doing: expect.stringMatching(/epoch \d+/),
      fix: expect.stringContaining("Standardise"),
    });
    const numbers = fit(
      plane.map((row) => ({ ...row, a: 1e300 })),
      { features: { a: [] }, label: "y" },
    );
    await expect(
      trained(
        plane.map((row) => ({ ...row, a: (row.a as number) * 1e300 })),
        numbers,
      ),
    ).rejects.toMatchObject({
      code: "TRAINING_DIVERGED",
    });
  });

  test("no rows, and rows without any label", async () => {
    await expect(trained([])).rejects.toMatchObject({ code: "SPLIT_EMPTY", found: "there are none" });
    await expect(trained(plane.map((row) => ({ ...row, y: null })))).rejects.toMatchObject({ code: "SPLIT_EMPTY" });
  });

  test("a transform without a label", async () => {
    const transform = fit(plane, { features: { a: [] } });
    await expect(trained(plane, transform)).rejects.toMatchObject({
      code: "TRAINING_INVALID",
      found: "the transform has no label",
    });
  });

  test("weights of another shape, or that are no numbers", () => {
    expect(() => new LinearModel(onPlane, [Float64Array.of(1, 2)])).toThrow(
      "are 1 times 2, and 1 times 3 are expected",
    );
    expect(() => new LinearModel(onPlane, [Float64Array.of(1, Number.NaN, 2)])).toThrow("a weight is no number");
  });

  test("a label that cannot be put back into its own units", async () => {
    const transform = fit(plane, {
      features: { a: [] },
      label: { column: "y", operations: [bucketize({ boundaries: [3] })] },
    });
    await expect(trained(plane, transform)).rejects.toMatchObject({
      code: "TRAINING_INVALID",
      found: expect.stringContaining("'bucketize', which cannot be undone"),
    });
  });
});

describe("a linear model is stored with its transform", () => {
  testMaterializer({
    test,
    materializer,
    samples: async () => [
      (await trained(plane)).model,
      new LinearModel(
        fit(birds(), { features: { island: [oneHot()] }, label: "species" }),
        [1, 2, 3].map((one) => Float64Array.of(one, 0.1, -0.2, 1e-9)),
      ),
    ],
    equal: (a, b) =>
      JSON.stringify([a.transform.state, a.weights.map((line) => [...line])]) ===
      JSON.stringify([b.transform.state, b.weights.map((line) => [...line])]),
    refuses: [],
  });
});
