import { testMaterializer } from "@tenon/core/testing";
import { describe, expect, test } from "vitest";
import { standardise } from "../preprocessing/built-in-operations.js";
import { fit } from "../preprocessing/fit.js";
import { parityRows, ScriptedModel } from "../testing/scripted-model.js";
import type { Features } from "../training/examples.js";
import { TrainedModel } from "../training/trained-model.js";
import type { Row, Rows } from "../vocabulary/row.js";
import { evaluateModel } from "./evaluate-model.js";
import { materializer as evaluationMaterializer } from "./evaluation-materializer.js";
import { evaluationNotebook } from "./notebook.js";
import { materializer as notebookMaterializer } from "./notebook-materializer.js";
import { evaluationReport } from "./report.js";

/** Numbers whose double is to be predicted. */
const doubles = (count = 40): Rows =>
  Array.from({ length: count }, (_, x): Row => ({ x, side: x % 4 === 0 ? null : x < 20 ? "low" : "high", y: 2 * x }));

/** Predicts `say` of the number in the row. */
class Line extends TrainedModel {
  readonly framework = "scripted";
  constructor(
    readonly say: (x: number) => number,
    label = "y",
  ) {
    super(
      fit(
        doubles().map((row) => ({ ...row, [label]: row.y ?? null })),
        { features: { x: [] }, label },
      ),
    );
  }
  protected score({ values }: Features): number[] {
    return Array.from(values, (x) => this.say(x));
  }
}

/** Of more classes than the rows of the others have. */
class ThreeClasses extends TrainedModel {
  readonly framework = "scripted";
  constructor() {
    const rows = [...parityRows(10), { number: 0, half: "first", parity: "neither" }];
    super(fit(rows, { features: { number: [standardise()] }, label: "parity" }));
  }
  protected score({ rows }: Features): number[] {
    return Array.from({ length: rows }, (_, row) => (row % 2 === 0 ? [0, 0, 1] : [0.8, 0.1, 0.1])).flat();
  }
}

describe("an evaluation", () => {
  test("of numbers has metrics, a sample and the spread of the errors, in the label's units", async () => {
    const found = await evaluateModel(new Line((x) => 2 * x + 1), doubles());
    expect(found).toMatchObject({ task: "regression", label: "y", rows: 40, unlabelled: 0 });
    expect(found.metrics).toMatchObject({ meanAbsoluteError: 1, bias: 1, maximumError: 1 });
    expect(found.sample?.points[3]).toEqual([6, 7]);
    expect(found.sample?.errors.reduce((sum, { rows }) => sum + rows, 0)).toBe(40);
  });

  test("has metrics by the values of columns: missing ones, and quarters of numbers", async () => {
    const { slices } = await evaluateModel(new Line((x) => (x < 20 ? 2 * x : 0)), doubles(), { slices: ["side", "x"] });
    expect(slices.map(({ column, value, rows }) => [column, value, rows])).toEqual([
      ["side", "high", 15],
      ["side", "low", 15],
      ["side", "missing", 10],
      ["x", "0 to 10", 11],
      ["x", "10 to 20", 10],
      ["x", "20 to 29", 9],
      ["x", "29 to 39", 10],
    ]);
    expect(slices[1]?.metrics.meanAbsoluteError).toBe(0);
    expect(slices[0]?.metrics.meanAbsoluteError).toBeGreaterThan(0);
  });

  test("keeps quarters apart that differ in their last digits only", async () => {
    const rows = doubles().map((row, at) => ({ ...row, second: 1_700_000_000 + at }));
    const { slices } = await evaluateModel(new Line((x) => x), rows, { slices: ["second"] });
    expect(slices.map(({ rows }) => rows)).toEqual([11, 10, 9, 10]);
    expect(slices[0]?.value).toBe("1700000000 to 1700000010");
  });

  test("shows the 20 most frequent values of a column, and all others together", async () => {
    const rows = parityRows(200).map((row, at) => ({ ...row, tag: `t${at < 100 ? at % 5 : at}` }));
    const { slices } = await evaluateModel(new ScriptedModel(), rows, { slices: ["tag"] });
    expect(slices.length).toBe(21);
    expect(slices.at(-1)).toMatchObject({ value: "all others", rows: 85 });
  });

  test("of two classes has the curves of the second", async () => {
    const { curves, metrics, confusion } = await evaluateModel(new ScriptedModel(), parityRows(40, 10));
    expect(curves?.map((one) => one.class)).toEqual(["odd"]);
    expect(curves?.[0]?.calibration.rows).toEqual([20, 20]);
    expect(confusion).toEqual({
      classes: ["even", "odd"],
      counts: [
        [15, 5],
        [5, 15],
      ],
    });
    expect(metrics).toMatchObject({ accuracy: 0.75, brierScore: expect.closeTo(0.21, 10) });
  });

  test("keeps curves short, their ends included", async () => {
    const model = new ScriptedModel((number) => number / 1000);
    const { curves } = await evaluateModel(model, parityRows(1000));
    const { roc, precisionRecall } = (curves ?? [])[0] ?? expect.fail("no curves");
    for (const line of [roc.falsePositiveRate, roc.truePositiveRate, roc.thresholds, precisionRecall.recall]) {
      expect(line.length).toBe(200);
    }
    expect([roc.falsePositiveRate.at(0), roc.falsePositiveRate.at(-1)]).toEqual([0, 1]);
    expect(precisionRecall.thresholds.length).toBe(199);
  });
});

describe("a model beside the one in production", () => {
  test("is judged by the metric that is asked for, of which less may be better", async () => {
    const [near, far] = [new Line((x) => 2 * x + 1), new Line((x) => 2 * x - 3)];
    const { comparison } = await evaluateModel(near, doubles(), { production: far });
    expect(comparison).toMatchObject({ metric: "rootMeanSquaredError", candidate: 1, production: 3, better: true });
    const worse = await evaluateModel(far, doubles(), { production: near, metric: "maximumError" });
    expect(worse.comparison).toMatchObject({ candidate: 3, production: 1, better: false });
    const biased = await evaluateModel(near, doubles(), { production: new Line((x) => 2 * x), metric: "bias" });
    expect(biased.comparison).toMatchObject({ candidate: 1, production: 0, better: false });
  });

  test("is as good if it predicts the same", async () => {
    const { comparison } = await evaluateModel(new ScriptedModel(), parityRows(), { production: new ScriptedModel() });
    expect(comparison).toMatchObject({ better: true, differing: 0, candidate: 1, production: 1 });
  });

  test("may know fewer classes than that one", async () => {
    const { comparison } = await evaluateModel(new ScriptedModel(), parityRows(10), { production: new ThreeClasses() });
    expect(comparison).toMatchObject({ better: true, differing: 10, production: 0 });
    expect(comparison?.metrics).toMatchObject({ perClass: { neither: { support: 0 } } });
  });

  test("is not compared by what the rows do not tell of that one", async () => {
    const { comparison, incomparable } = await evaluateModel(new ScriptedModel(), parityRows(10), {
      production: new ThreeClasses(),
      metric: "rocAuc",
    });
    expect(comparison).toBeUndefined();
    expect(incomparable).toBe("These rows do not tell the rocAuc of the model in production.");
  });

  test("is not compared with one that predicts something else, or does not take the rows", async () => {
    const other = await evaluateModel(new Line((x) => x), doubles(), { production: new Line((x) => x, "z") });
    expect(other.comparison).toBeUndefined();
    expect(other.incomparable).toContain("predicts 'z' by regression, this one 'y'");
    expect(await evaluationReport(other)).toContain("predicts &#39;z&#39;");
    const rows = parityRows(10).map(({ number, ...row }) => ({ ...row, place: number as number }));
    const places = fit(rows, { features: { place: [standardise()] }, label: "parity" });
    class ByPlace extends TrainedModel {
      readonly framework = "scripted";
      protected score(features: Features): number[] {
        return Array.from({ length: features.rows }, () => 0.5);
      }
    }
    const needy = await evaluateModel(new ByPlace(places), rows, { production: new ScriptedModel() });
    expect(needy.incomparable).toMatch(/^The model in production does not take these rows\. .*'number'/);
  });
});

describe("what cannot be evaluated", () => {
  test("rows that are none, or have no label", async () => {
    await expect(evaluateModel(new ScriptedModel(), [])).rejects.toMatchObject({ code: "SPLIT_EMPTY" });
    const unlabelled = parityRows().map((row) => ({ ...row, parity: null }));
    await expect(evaluateModel(new ScriptedModel(), unlabelled)).rejects.toMatchObject({
      code: "SPLIT_EMPTY",
      found: "not one of 40 has a value in the column 'parity'",
    });
  });

  test("a class that the model never saw", async () => {
    const rows = [{ number: 1, half: "first", parity: "neither" }];
    await expect(evaluateModel(new ScriptedModel(), rows)).rejects.toMatchObject({ code: "DATA_CATEGORY_UNKNOWN" });
  });

  test("a column that is not there, with the row", async () => {
    const rows = [...parityRows(3), { half: "first", parity: "odd" }];
    await expect(evaluateModel(new ScriptedModel(), rows)).rejects.toMatchObject({
      code: "DATA_COLUMN_MISSING",
      doing: expect.stringContaining("row 3"),
    });
  });

  test("predictions that are no numbers, with the row and what to do", async () => {
    const model = new ScriptedModel((number) => (number === 7 ? Number.NaN : 0.5));
    await expect(evaluateModel(model, parityRows())).rejects.toMatchObject({
      code: "PREDICTION_INVALID",
      found: "the network gave NaN for row 7",
    });
  });

  test("as many predictions as there should not be, with what is expected", async () => {
    class Short extends ScriptedModel {
      protected override score(): number[] {
        return [0.5];
      }
    }
    await expect(evaluateModel(new Short(), parityRows(4))).rejects.toMatchObject({
      code: "PREDICTION_INVALID",
      found: "the network gave 1 numbers for 4 rows, and 4 times 2 are expected",
    });
  });

  test("predictions that are no probabilities, such as those of a network that ends without softmax", async () => {
    for (const score of [2.5, -3]) {
      const model = new ScriptedModel((number) => (number === 7 ? score : 1.000001));
      await expect(evaluateModel(model, parityRows())).rejects.toMatchObject({
        code: "PREDICTION_INVALID",
        found: `the network gave ${score} for row 7, which is no probability`,
        fix: expect.stringContaining("softmax"),
      });
    }
  });

  test("a network that gives nothing", async () => {
    class Silent extends ScriptedModel {
      protected override score(): number[] {
        return undefined as never;
      }
    }
    await expect(evaluateModel(new Silent(), parityRows(4))).rejects.toMatchObject({
      code: "PREDICTION_INVALID",
      found: expect.stringContaining("the network gave 0 numbers for 4 rows"),
    });
  });

  test("by a metric or a column that is not there", async () => {
    const model = new ScriptedModel();
    await expect(evaluateModel(model, parityRows(), { metric: "accuracie" })).rejects.toMatchObject({
      code: "EVALUATION_INVALID",
      found: expect.stringContaining("accuracy"),
      fix: "Did you mean 'accuracy'?",
    });
    await expect(evaluateModel(model, parityRows(), { slices: ["Half"] })).rejects.toMatchObject({
      code: "DATA_COLUMN_MISSING",
      found: "the test rows have number, half, parity",
      fix: "Did you mean 'half'?",
    });
  });
});

describe("the report", () => {
  test("has everything in one file, and takes no text for markup", async () => {
    const rows = parityRows(40, 10).map((row) => ({ ...row, half: `<b>${String(row.half)}</b>` }));
    const found = await evaluateModel(new ScriptedModel(), rows, { slices: ["half"], production: new ScriptedModel() });
    const page = await evaluationReport(found, { title: "A <title>" });
    expect(page).toContain("<title>A &#60;title&#62;</title>");
    expect(page).toContain("&#60;b&#62;first");
    expect(page).not.toMatch(/<script|<link|src=|https?:\/\/(?!www\.w3\.org)/);
    for (const heading of [
      "Confusion matrix",
      "Receiver operating characteristic",
      "Calibration",
      "Slices",
      "Beside the model in production",
    ]) {
      expect(page).toContain(heading);
    }
    expect(page.match(/<svg/g)?.length).toBe(4);
  });

  test("of numbers shows predicted and true ones", async () => {
    const page = await evaluationReport(await evaluateModel(new Line((x) => 2 * x), doubles()));
    expect(page).toContain("Predicted and true");
    expect(page.match(/<svg/g)?.length).toBe(2);
  });
});

const evaluations = async () => [
  await evaluateModel(new ScriptedModel(), parityRows()),
  await evaluateModel(new Line((x) => 2 * x + 1), doubles(), { slices: ["side"] }),
];

describe("an evaluation is stored as it is", () => {
  testMaterializer({ test, materializer: evaluationMaterializer, samples: evaluations });
});

describe("a notebook is stored as a file of Jupyter", () => {
  const source = { pipeline: "parity", step: "evaluate" };
  testMaterializer({
    test,
    materializer: notebookMaterializer,
    samples: async () => (await evaluations()).map((one) => evaluationNotebook(one, source)),
  });

  test("that keeps to nbformat 4.5", async () => {
    const [evaluation] = await evaluations();
    const { nbformat, nbformat_minor, metadata, cells } = evaluationNotebook(evaluation ?? expect.fail(), source);
    expect([nbformat, nbformat_minor]).toEqual([4, 5]);
    expect(metadata.kernelspec).toEqual({ name: "tslab", display_name: "TypeScript", language: "typescript" });
    expect(new Set(cells.map(({ id }) => id)).size).toBe(cells.length);
    for (const cell of cells) {
      expect(cell.id).toMatch(/^[a-zA-Z0-9-_]{1,64}$/);
      for (const [at, line] of cell.source.entries()) expect(line.endsWith("\n")).toBe(at < cell.source.length - 1);
      const keys = [
        "cell_type",
        "id",
        "metadata",
        "source",
        ...(cell.cell_type === "code" ? ["execution_count", "outputs"] : []),
      ];
      expect(Object.keys(cell).sort()).toEqual(keys.sort());
    }
  });
});
