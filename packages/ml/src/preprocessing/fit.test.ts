import { testMaterializer } from "@tenon/core/testing";
import { describe, expect, expectTypeOf, test } from "vitest";
import type { PreprocessorStep } from "../steps/contracts.js";
import type { Rows } from "../vocabulary/row.js";
import { bucketize, impute, oneHot, pixels, scale, standardise, vocabulary } from "./built-in-operations.js";
import { fit } from "./fit.js";
import { FittedTransform } from "./fitted-transform.js";
import { defineOperation } from "./operation.js";
import { preprocess } from "./steps.js";
import { materializer } from "./transform-materializer.js";

const train: Rows = [
  { mass: 1, island: "Dream", sex: "f", species: "A" },
  { mass: 3, island: "Biscoe", sex: null, species: "C" },
  { mass: null, island: "Dream", sex: "m", species: "B" },
  { mass: 2, island: "Dream", sex: "m", species: "A" },
];
const options = {
  features: {
    mass: [impute("median"), standardise()],
    island: [oneHot()],
    sex: [impute("mostFrequent"), vocabulary()],
  },
  label: "species",
  into: "features",
} as const;

testMaterializer({
  test,
  materializer,
  samples: () => [fit(train, options), fit(train, { features: { mass: [impute({ constant: 0 })] } })],
  equal: (a, b) => JSON.stringify(a.state) === JSON.stringify(b.state),
});

describe("a fitted transform", () => {
  const fitted = fit(train, options);

  test("turns raw rows into features and the number of the class", () => {
    const deviation = Math.sqrt(0.5);
    expect(fitted.apply({ mass: 3, island: "Biscoe", sex: "m", species: "C" })).toEqual({
      features: [1 / deviation, 1, 0, 1],
      species: 2,
    });
    expect(fitted.featureNames).toEqual(["mass", "island=Biscoe", "island=Dream", "sex"]);
    expect(fitted.classes).toEqual(["A", "B", "C"]);
    expect(fitted.state.output.columns).toMatchObject([
      { name: "features", kind: "vector", shape: [4] },
      { name: "species", kind: "integer", required: false },
    ]);
  });

  test("takes a row without its label, since what is served has none", () => {
    expect(fitted.apply({ mass: null, island: "Dream", sex: null })).toEqual({ features: [0, 0, 1, 1], species: null });
    expect(fitted.features({ mass: null, island: "Dream", sex: null })).toEqual([0, 0, 1, 1]);
    expect([fitted.target({ species: "B" }), fitted.target({})]).toEqual([1, null]);
    const two = new Float32Array(8);
    fitted.writeFeatures({ mass: 2, island: "Biscoe", sex: "f" }, two, 4);
    expect([...two]).toEqual([0, 0, 0, 0, 0, 1, 0, 0]);
  });

  test("gives the same after it was saved and loaded", () => {
    const loaded = new FittedTransform(JSON.parse(JSON.stringify(fitted.state)));
    expect(loaded.applyAll(train)).toEqual(fitted.applyAll(train));
    expect(loaded.featureNames).toEqual(fitted.featureNames);
  });

  test("learns from the training rows alone", async () => {
    const step = preprocess(options);
    const { transform } = (await step.run({ train })) as { transform: FittedTransform };
    expect(transform.state).toEqual(fitted.state);
  });

  test("has a column each where no vector was asked for", () => {
    const separate = fit(train, { features: { mass: [impute({ constant: 5 })], island: [oneHot()] } });
    expect(separate.apply({ mass: null, island: "Dream" })).toEqual({ mass: 5, island: [0, 1] });
  });
});

describe("what serving may bring", () => {
  const fitted = fit(train, options);
  const row = { mass: 1, island: "Dream", sex: "f" };

  test("a category never seen is an error that names it", () => {
    expect(() => fitted.apply({ ...row, island: "Torgersen" })).toThrow(
      expect.objectContaining({ code: "DATA_CATEGORY_UNKNOWN", message: expect.stringContaining("'Torgersen'") }),
    );
    expect(() => fitted.applyAll([row, { ...row, sex: "?" }])).toThrow(
      expect.objectContaining({ code: "DATA_CATEGORY_UNKNOWN", message: expect.stringContaining("row 1") }),
    );
  });

  test("or goes where it was said that others go", () => {
    const island = (operation: ReturnType<typeof oneHot>) =>
      fit(train, { features: { island: [operation] } }).apply({ island: "Torgersen" }).island;
    expect(island(oneHot({ unknown: "zeros" }))).toEqual([0, 0]);
    expect(island(oneHot({ unknown: "own" }))).toEqual([0, 0, 1]);
    expect(island(vocabulary({ outOfVocabulary: 1 }))).toBe(2);
    const bucket = island(vocabulary({ outOfVocabulary: 5 })) as number;
    expect(bucket).toBeGreaterThanOrEqual(2);
    expect(bucket).toBeLessThan(7);
    expect(island(vocabulary({ outOfVocabulary: 5 }))).toBe(bucket);
    expect(island(vocabulary({ top: 1, outOfVocabulary: 1 }))).toBe(1);
  });

  test("a label among the features is refused: the model would be told what it is to predict", () => {
    const features = { island: [oneHot()], sex: [oneHot()] };
    expect(() => fit(train, { features, label: "sex" })).toThrow(
      expect.objectContaining({ code: "DATA_INVALID", message: expect.stringContaining("'sex'") }),
    );
  });

  test("a column that the row does not have is an error, unless it was said that it is imputed", () => {
    const { island: _, ...without } = row;
    expect(() => fitted.apply(without)).toThrow(
      expect.objectContaining({ code: "DATA_COLUMN_MISSING", message: expect.stringContaining("'island'") }),
    );
    expect(() => fitted.apply({ island: "Dream", sex: "f" })).toThrow(
      expect.objectContaining({ code: "DATA_COLUMN_MISSING" }),
    );
    const lenient = fit(train, { features: { mass: [impute("mean", { absent: true })] } });
    expect(lenient.apply({})).toEqual({ mass: 2 });
  });

  test("a missing value that nothing fills in, and a value of another kind, are errors that say what was expected", () => {
    expect(() => fitted.apply({ ...row, island: null })).toThrow(expect.objectContaining({ code: "DATA_INVALID" }));
    expect(() => fitted.apply({ ...row, mass: "heavy" })).toThrow("expected a number, found the text 'heavy'");
    const images = fit([{ image: new Uint8Array(4) }], { features: { image: [pixels()] } });
    expect(() => images.apply({ image: new Uint8Array(5) })).toThrow("expected 4 bytes, found 5 bytes");
  });
});

describe("operations", () => {
  const learnt = (values: readonly (number | string)[], operation: Parameters<typeof fit>[1]["features"][string]) => {
    const rows = values.map((x) => ({ x }));
    return fit(rows, { features: { x: operation } })
      .applyAll(rows)
      .map(({ x }) => x);
  };

  test("a column of equal numbers is divided by one, and scaled to the minimum", () => {
    for (const x of learnt([0.1, 0.1, 0.1], [standardise()])) expect(x).toBeCloseTo(0, 15);
    expect(learnt([5, 5], [scale({ minimum: -1 })])).toEqual([-1, -1]);
    expect(learnt([5, 7, 6], [scale()])).toEqual([0, 1, 0.5]);
  });

  test("buckets begin at their boundary", () => {
    expect(learnt([-1, 0, 5, 10, 11], [bucketize({ boundaries: [0, 10] })])).toEqual([0, 1, 1, 2, 2]);
    expect(learnt([1, 2, 3, 4], [bucketize({ quantiles: 2 })])).toEqual([0, 0, 1, 1]);
    expect(learnt([0, 1, 9, 10], [bucketize({ equalWidth: 5 })])).toEqual([0, 0, 4, 4]);
    expect(() => learnt([1], [bucketize({ boundaries: [2, 1] })])).toThrow(
      expect.objectContaining({ code: "PARAMETER_INVALID" }),
    );
  });

  test("numbers as categories are ordered by size", () => {
    expect(learnt([10, 9, 9], [vocabulary()])).toEqual([1, 0, 0]);
  });

  test("a feature that is no number at the end is refused", () => {
    expect(() => fit(train, { features: { island: [] } })).toThrow("it comes out as text, not as numbers");
    expect(() => fit(train, { features: { iland: [oneHot()] } })).toThrow(
      expect.objectContaining({ code: "DATA_COLUMN_MISSING" }),
    );
    expect(() => fit(train, { features: { iland: [oneHot()] } })).toThrow("Did you mean 'island'?");
    expect(() => fit([], { features: {} })).toThrow(expect.objectContaining({ code: "SPLIT_EMPTY" }));
  });

  test("what comes to no number is refused, and it is said of which value", () => {
    const logarithm = defineOperation({
      name: "test/logarithm",
      fit: () => ({}),
      apply: (x) => Math.log1p(x as number),
    });
    const fitted = fit([{ x: 1 }], { features: { x: [logarithm()] } });
    expect(() => fitted.apply({ x: -1 })).toThrow("the number -1 comes to -Infinity by test/logarithm");
    expect(() => fitted.apply({ x: -2 })).toThrow("the number -2 comes to NaN by test/logarithm");
    expect(() => fitted.features({ x: Number.NaN })).toThrow("its value is missing");
    const raw = fit([{ x: 1 }], { features: { x: [] } });
    expect(() => raw.apply({ x: Number.POSITIVE_INFINITY })).toThrow(expect.objectContaining({ code: "DATA_INVALID" }));
  });

  test("that are misspelt, or are no operations, are refused where they are written", () => {
    const refused = (found: string) =>
      expect.objectContaining({ code: "PARAMETER_INVALID", message: expect.stringContaining(found) });
    expect(() => impute("avg" as never)).toThrow(refused("it is 'avg'"));
    expect(() => impute({} as never)).toThrow(refused("without a constant"));
    expect(() => impute(undefined as never)).toThrow(refused("mostFrequent"));
    expect(() => oneHot({ unknown: "zero" as never })).toThrow(refused("Did you mean 'zeros'?"));
    expect(() => learnt([1], [bucketize({ boundaries: [Number.NaN] })])).toThrow(refused("no numbers"));
    for (const features of [
      undefined,
      { x: undefined },
      { x: standardise() },
      { x: ["scale"] },
      { x: [standardise] },
    ]) {
      expect(() => preprocess({ features } as never)).toThrow(refused("Give a list of operations"));
      expect(() => fit([{ x: 1 }], { features } as never)).toThrow(refused("Give a list of operations"));
    }
    expect(() => preprocess({ features: {}, label: { column: "y" } } as never)).toThrow(refused("the label is"));
    const unknown = expect.objectContaining({ code: "PARAMETER_UNKNOWN" });
    expect(() => preprocess({ features: {}, lable: "y" } as never)).toThrow(unknown);
    for (const operation of [oneHot, vocabulary, scale]) expect(() => operation({ min: 0 } as never)).toThrow(unknown);
  });

  test("one's own learns and applies like the others, and is asked for by name when it is not there", () => {
    const cap = defineOperation<{ share: number }, { most: number }>({
      name: "test/cap",
      fit: (values, { share }) => ({ most: Math.max(...(values as number[])) * share }),
      apply: (value, { most }) => Math.min(value as number, most),
    });
    const rows = [{ x: 10 }, { x: 2 }];
    const fitted = fit(rows, { features: { x: [cap({ share: 0.5 }), scale()] } });
    expect(fitted.applyAll(rows)).toEqual([{ x: 1 }, { x: 0 }]);
    const [feature] = fitted.state.features;
    const unknown = { ...fitted.state, features: [{ ...feature, operations: [{ operation: "acme/cap", state: {} }] }] };
    expect(() => new FittedTransform(unknown as never)).toThrow(expect.objectContaining({ code: "TRANSFORM_UNKNOWN" }));
  });
});

test("the step that it makes is a preprocessor", () => {
  expectTypeOf(preprocess(options)).toExtend<PreprocessorStep>();
});

test("features of one vector have a name for each number, also where some of them are vectors themselves", () => {
  const rows = [
    { point: [1, 2], size: 3 },
    { point: [4, 5], size: 6 },
  ];
  const transform = fit(rows, { features: { point: [], size: [] }, into: "all" });
  expect(transform.featureNames).toEqual(["point[0]", "point[1]", "size"]);
  expect(transform.features({ point: [7, 8], size: 9 })).toEqual([7, 8, 9]);
});
