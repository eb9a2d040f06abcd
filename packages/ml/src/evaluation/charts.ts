import type { TopLevelSpec } from "vega-lite";
import type { ConfusionMatrix } from "./confusion-matrix.js";
import type { ClassCurves, ErrorSample } from "./evaluation.js";

/** A chart and what a reader who cannot see it is told. */
export interface Chart {
  readonly title: string;
  readonly description: string;
  readonly spec: TopLevelSpec;
}

const size = 300;
/** Told apart also by those who see few colours (Okabe and Ito, 2008). */
const colors = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#6e6e6e", "#8a7500"];
const mostLines = 8;

export function confusionChart({ classes, counts }: ConfusionMatrix): Chart {
  const values = counts.flatMap((line, truth) => {
    const total = line.reduce((sum, count) => sum + count, 0);
    return line.map((count, guess) => ({
      truth: classes[truth],
      predicted: classes[guess],
      rows: count,
      share: total === 0 ? 0 : count / total,
    }));
  });
  const cell = Math.max(22, Math.min(72, size / classes.length));
  const labelled = cell >= 26;
  return {
    title: "Confusion matrix",
    description:
      "How many rows of each true class were predicted to be of each class. The colour is the share of the true class.",
    spec: {
      data: { values: values as never },
      width: cell * classes.length,
      height: cell * classes.length,
      encoding: {
        x: {
          field: "predicted",
          type: "nominal",
          sort: [...classes],
          title: "predicted",
          axis: { orient: "top", labelAngle: classes.length > 5 ? -45 : 0 },
        },
        y: { field: "truth", type: "nominal", sort: [...classes], title: "true" },
      },
      layer: [
        {
          mark: { type: "rect", stroke: "#ffffff" },
          encoding: {
            color: {
              field: "share",
              type: "quantitative",
              legend: null,
              scale: { domain: [0, 1], range: ["#f2f5f9", "#0a4f86"] },
            },
          },
        },
        ...(labelled
          ? [
              {
                mark: { type: "text" as const, fontSize: 13 },
                encoding: {
                  text: { field: "rows", type: "quantitative" as const },
                  color: { condition: { test: "datum.share > 0.5", value: "#ffffff" }, value: "#1c2733" },
                },
              },
            ]
          : []),
      ],
    },
  };
}

export function rocChart(curves: readonly ClassCurves[]): Chart {
  return lines({
    title: "Receiver operating characteristic",
    description:
      "Of the rows of a class the share that is found (up) and of the others the share that is taken for it (right), for every threshold. The area is 1 for a perfect model, 0.5 for a guess.",
    curves: curves.map(({ class: name, roc: { falsePositiveRate, truePositiveRate, areaUnderCurve } }) => ({
      name: named(name, areaUnderCurve),
      points: falsePositiveRate.map((x, at) => ({ order: at, x, y: truePositiveRate[at] })),
    })),
    x: "false positive rate",
    y: "true positive rate",
    legend: "class (area)",
    diagonal: true,
  });
}

export function precisionRecallChart(curves: readonly ClassCurves[]): Chart {
  return lines({
    title: "Precision and recall",
    description:
      "Of the rows that are taken for a class the share that is of it (up), by the share of the class that is found (right).",
    curves: curves.map(({ class: name, precisionRecall: { precision, recall, averagePrecision } }) => ({
      name: named(name, averagePrecision),
      points: recall.map((x, at) => ({ order: -at, x, y: precision[at] })),
    })),
    x: "recall",
    y: "precision",
    legend: "class (average)",
    diagonal: false,
  });
}

export function calibrationChart(curves: readonly ClassCurves[]): Chart {
  return lines({
    title: "Calibration",
    description:
      "Of the rows that are said to be of a class with some probability (right) the share that is (up). A well calibrated model lies on the diagonal.",
    curves: curves.map(({ class: name, calibration: { predicted, observed, rows } }) => ({
      name,
      points: predicted.map((x, at) => ({ order: at, x, y: observed[at], rows: rows[at] })),
    })),
    x: "predicted probability",
    y: "observed share",
    legend: "class",
    diagonal: true,
    points: true,
  });
}

export function predictionChart({ points }: ErrorSample, label: string): Chart {
  const numbers = points.flat();
  const ends = [Math.min(...numbers), Math.max(...numbers)];
  return {
    title: "Predicted and true",
    description: "Each point is a row; on the line the prediction is right.",
    spec: {
      data: { values: points.map(([truth, predicted]) => ({ truth, predicted })) },
      width: size,
      height: size,
      layer: [
        {
          data: { values: ends.map((end) => ({ truth: end, predicted: end })) },
          mark: { type: "line", color: "#8a94a0", strokeDash: [4, 4] },
          encoding: axes("truth", "predicted", `true ${label}`, `predicted ${label}`, false),
        },
        {
          mark: { type: "circle", opacity: 0.6, size: 28, color: colors[0] as string },
          encoding: axes("truth", "predicted", `true ${label}`, `predicted ${label}`, false),
        },
      ],
    },
  };
}

export function errorChart({ errors }: ErrorSample): Chart {
  return {
    title: "Errors",
    description: "How many rows are predicted too low (left of 0) and too high (right of it), by how much.",
    spec: {
      data: { values: errors as never },
      width: size,
      height: size,
      layer: [
        {
          mark: { type: "bar", color: colors[0] as string, binSpacing: 1 },
          encoding: {
            x: { field: "from", type: "quantitative", bin: "binned", title: "predicted - true" },
            x2: { field: "to" },
            y: { field: "rows", type: "quantitative", title: "rows" },
          },
        },
        {
          data: { values: [{}] },
          mark: { type: "rule", color: "#1c2733", strokeDash: [4, 4] },
          encoding: { x: { datum: 0 } },
        },
      ],
    },
  };
}

interface Lines {
  readonly title: string;
  readonly description: string;
  /** Only the first few are shown. */
  readonly curves: readonly { readonly name: string; readonly points: readonly object[] }[];
  readonly x: string;
  readonly y: string;
  readonly legend: string;
  readonly diagonal: boolean;
  readonly points?: boolean;
}

function lines({ title, description, curves, x, y, legend, diagonal, points = false }: Lines): Chart {
  const encoding = axes("x", "y", x, y, true);
  const shown = curves.slice(0, mostLines);
  const names = shown.map(({ name }) => name);
  const values = shown.flatMap(({ name, points }) => points.map((point) => ({ class: name, ...point })));
  return {
    title,
    description: `${description}${left(curves)}`,
    spec: {
      data: { values: values as never },
      width: size,
      height: size,
      layer: [
        ...(diagonal
          ? [
              {
                data: { values: [0, 1].map((end) => ({ x: end, y: end })) },
                mark: { type: "line" as const, color: "#8a94a0", strokeDash: [4, 4] },
                encoding,
              },
            ]
          : []),
        {
          mark: { type: "line", strokeWidth: 2, ...(points && { point: { filled: true, size: 36 } }) },
          encoding: {
            ...encoding,
            order: { field: "order", type: "quantitative" },
            color: {
              field: "class",
              type: "nominal",
              sort: names,
              scale: { domain: names, range: colors },
              title: legend,
              legend: { orient: "bottom", columns: 2, labelLimit: 260, symbolStrokeWidth: 3 },
            },
          },
        },
      ],
    },
  };
}

function axes(x: string, y: string, xTitle: string, yTitle: string, unit: boolean) {
  const scale = unit ? { domain: [0, 1] } : { zero: false, nice: true };
  return {
    x: { field: x, type: "quantitative" as const, title: xTitle, scale, axis: { tickCount: 5 } },
    y: { field: y, type: "quantitative" as const, title: yTitle, scale, axis: { tickCount: 5 } },
  };
}

function named(name: string, number: number | null): string {
  return number === null ? name : `${name} (${number.toFixed(3)})`;
}

function left(curves: readonly unknown[]): string {
  return curves.length > mostLines ? ` Shown are the first ${mostLines} of ${curves.length} classes.` : "";
}
