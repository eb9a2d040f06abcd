import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { labelMetrics } from "./classification-metrics.js";
import { confusionMatrix } from "./confusion-matrix.js";
import { calibrationCurve, precisionRecallCurve, rocCurve } from "./curves.js";
import { brierScore, logLoss, oneVersusRestAreas, topKAccuracy } from "./probability-metrics.js";
import { regressionMetrics } from "./regression-metrics.js";

/** Made by golden/metrics.py. */
const golden = JSON.parse(readFileSync(new URL("golden/metrics.json", import.meta.url), "utf8"));

function near(found: unknown, wanted: unknown, path = ""): void {
  if (typeof wanted === "number") {
    expect(typeof found, path).toBe("number");
    const distance = Math.abs((found as number) - wanted);
    expect(distance, `${path}: ${String(found)} instead of ${wanted}`).toBeLessThanOrEqual(
      1e-10 * Math.max(1, Math.abs(wanted)),
    );
  } else if (typeof wanted === "object" && wanted !== null) {
    if (Array.isArray(wanted)) expect((found as unknown[]).length, path).toBe(wanted.length);
    for (const [key, value] of Object.entries(wanted)) {
      near((found as Record<string, unknown>)[key], value, `${path}.${key}`);
    }
  } else expect(found, path).toEqual(wanted);
}

function places(classes: readonly string[], labels: readonly string[]): number[] {
  return labels.map((label) => classes.indexOf(label));
}

describe("metrics agree with scikit-learn", () => {
  test.each(Object.entries<{ truth: number[]; predicted: number[]; metrics: object }>(golden.regression))(
    "of numbers: %s",
    (_, { truth, predicted, metrics }) => {
      near(regressionMetrics(Float64Array.from(truth), Float64Array.from(predicted)), metrics);
    },
  );

  test.each(
    Object.entries<{
      classes: string[];
      truth: string[];
      predicted: string[];
      confusion: number[][];
      metrics: { cohensKappa: number | null };
    }>(golden.labels),
  )("of classes: %s", (_, { classes, truth, predicted, confusion, metrics }) => {
    const matrix = confusionMatrix(classes, places(classes, truth), places(classes, predicted));
    expect(matrix.counts).toEqual(confusion);
    near(labelMetrics(matrix), { ...metrics, cohensKappa: metrics.cohensKappa ?? 0 });
  });

  test.each(
    Object.entries<{
      positive: number[];
      score: number[];
      roc: object;
      precisionRecall: object;
      calibration: object;
      brierScore: number;
      logLoss: number;
    }>(golden.scores),
  )("of scores: %s", (_, given) => {
    const { positive, score } = given;
    near(rocCurve(positive, score), given.roc);
    near(precisionRecallCurve(positive, score), given.precisionRecall);
    near(calibrationCurve(positive, score), given.calibration);
    near(brierScore(positive, score), given.brierScore);
    near(
      logLoss(
        positive,
        score.flatMap((one) => [1 - one, one]),
        2,
      ),
      given.logLoss,
    );
  });

  test.each(
    Object.entries<{
      truth: number[];
      probabilities: number[][];
      logLoss: number;
      rocMacro: number;
      rocWeighted: number;
      top2: number;
    }>(golden.probabilities),
  )("of probabilities: %s", (_, given) => {
    const flat = given.probabilities.flat();
    near(logLoss(given.truth, flat, 3), given.logLoss);
    const { macro, weighted } = oneVersusRestAreas(given.truth, flat, 3);
    near(macro, given.rocMacro);
    near(weighted, given.rocWeighted);
    near(topKAccuracy(given.truth, flat, 3, 2), given.top2);
  });
});

describe("where scikit-learn gives no number", () => {
  test("areas are null without a positive or without a negative row", () => {
    expect(rocCurve([1, 1], [0.2, 0.3]).areaUnderCurve).toBeNull();
    expect(rocCurve([0, 0], [0.2, 0.3]).areaUnderCurve).toBeNull();
    expect(precisionRecallCurve([0, 0], [0.2, 0.3]).averagePrecision).toBeNull();
    expect(oneVersusRestAreas([0, 1], [0.5, 0.3, 0.2, 0.1, 0.8, 0.1], 3)).toMatchObject({ macro: null });
  });

  test("kappa is 0 if chance alone agrees always", () => {
    expect(labelMetrics(confusionMatrix(["a", "b"], [0, 0], [0, 0])).cohensKappa).toBe(0);
  });

  test("r2 of a single row is null", () => {
    expect(regressionMetrics(Float64Array.of(1), Float64Array.of(2)).r2).toBeNull();
  });
});
