import { escaped, page } from "../statistics/page.js";
import {
  type Chart,
  calibrationChart,
  confusionChart,
  errorChart,
  precisionRecallChart,
  predictionChart,
  rocChart,
} from "./charts.js";
import { lessIsBetter } from "./comparison.js";
import type { Comparison, Evaluation, Slice } from "./evaluation.js";
import { flatMetrics } from "./flat-metrics.js";
import { renderChart } from "./render-chart.js";
import { reportStyle } from "./report-style.js";

export interface ReportOptions {
  /** Above the report; by default what is predicted. */
  readonly title?: string;
}

/** A page of one file that needs no network and no script: metrics, plots, slices, and the model in production. */
export async function evaluationReport(evaluation: Evaluation, { title }: ReportOptions = {}): Promise<string> {
  const { label, task, framework, rows, unlabelled } = evaluation;
  const heading = title ?? `Predicting ${label}`;
  const charts = await Promise.all(chartsOf(evaluation).map(figure));
  const facts = [
    `${task} of ${label}`,
    `${count(rows, "row")} judged`,
    ...(unlabelled > 0 ? [`${count(unlabelled, "row")} without a label left out`] : []),
    `model of ${framework}`,
  ];
  const body = `
${headline(evaluation)}
${comparisonSection(evaluation)}
${charts.length > 0 ? `<section><h2>Plots</h2><div class="plots">${charts.join("")}</div></section>` : ""}
${classSection(evaluation)}
${sliceSection(evaluation.slices)}
${allMetrics(evaluation)}
`;
  return page(heading, facts.join(" · "), body, reportStyle);
}

function chartsOf({ confusion, curves, sample, label }: Evaluation): Chart[] {
  return [
    ...(confusion ? [confusionChart(confusion)] : []),
    ...(curves ? [rocChart(curves), precisionRecallChart(curves), calibrationChart(curves)] : []),
    ...(sample ? [predictionChart(sample, label), errorChart(sample)] : []),
  ];
}

async function figure({ title, description, spec }: Chart): Promise<string> {
  const svg = await renderChart(spec);
  return `<figure><figcaption><h3>${escaped(title)}</h3><p>${escaped(description)}</p></figcaption>${svg}</figure>`;
}

const headlines: Readonly<Record<Evaluation["task"], readonly string[]>> = {
  classification: ["accuracy", "macro.f1", "rocAuc", "logLoss"],
  regression: ["rootMeanSquaredError", "meanAbsoluteError", "r2", "bias"],
};

function headline({ task, metrics }: Evaluation): string {
  const flat = flatMetrics(metrics);
  const tiles = headlines[task].map(
    (name) => `<div class="tile"><dt>${escaped(words(name))}</dt><dd>${shown(flat[name])}</dd></div>`,
  );
  return `<section><dl class="tiles">${tiles.join("")}</dl></section>`;
}

function comparisonSection({ comparison, incomparable, metrics }: Evaluation): string {
  if (incomparable !== undefined) {
    return `<section><h2>Beside the model in production</h2><p class="note">${escaped(incomparable)}</p></section>`;
  }
  if (comparison === undefined) return "";
  const [own, theirs] = [flatMetrics(metrics), flatMetrics(comparison.metrics)];
  const lines = Object.keys(own).map((name) => {
    const difference =
      typeof own[name] === "number" && typeof theirs[name] === "number" ? own[name] - theirs[name] : null;
    const good =
      difference === null || difference === 0 || name === "bias"
        ? ""
        : difference < 0 === lessIsBetter(name)
          ? "good"
          : "bad";
    const chosen = name === comparison.metric ? ' class="chosen"' : "";
    return `<tr${chosen}><th scope="row">${escaped(words(name))}</th><td>${shown(own[name])}</td><td>${shown(theirs[name])}</td><td class="${good}">${signed(difference)}</td></tr>`;
  });
  return `<section><h2>Beside the model in production</h2><p class="note ${comparison.better ? "good" : "bad"}">${escaped(verdict(comparison))}</p>
<table><thead><tr><th scope="col">Metric</th><th scope="col">This model</th><th scope="col">In production</th><th scope="col">Difference</th></tr></thead><tbody>${lines.join("")}</tbody></table></section>`;
}

function verdict({ better, metric, candidate, production, differing }: Comparison): string {
  const how = candidate === production ? "is as good as" : better ? "is better than" : "is worse than";
  const differences =
    differing === 0 ? "the same class for every row" : `different classes for ${count(differing ?? 0, "row")}`;
  const rest = differing === undefined ? "" : ` The two predict ${differences}.`;
  return `By ${words(metric)} this model ${how} the one in production: ${shown(candidate)} and ${shown(production)}.${rest}`;
}

function classSection({ metrics }: Evaluation): string {
  if (!("perClass" in metrics)) return "";
  const lines = Object.entries(metrics.perClass).map(
    ([name, one]) =>
      `<tr><th scope="row">${escaped(name)}</th><td>${shown(one.precision)}</td><td>${shown(one.recall)}</td><td>${shown(one.f1)}</td><td>${one.support}</td></tr>`,
  );
  return `<section><h2>Classes</h2><table><thead><tr><th scope="col">Class</th><th scope="col">Precision</th><th scope="col">Recall</th><th scope="col">F1</th><th scope="col">Rows</th></tr></thead><tbody>${lines.join("")}</tbody></table></section>`;
}

function sliceSection(slices: readonly Slice[]): string {
  if (slices.length === 0) return "";
  const tables = [...new Set(slices.map(({ column }) => column))].map((column) => {
    const own = slices.filter((slice) => slice.column === column);
    const names = Object.keys(own[0]?.metrics ?? {});
    const lines = own.map(
      ({ value, rows, metrics }) =>
        `<tr><th scope="row">${escaped(value)}</th><td>${rows}</td>${names.map((name) => `<td>${shown(metrics[name])}</td>`).join("")}</tr>`,
    );
    return `<h3>${escaped(column)}</h3><table><thead><tr><th scope="col">Value</th><th scope="col">Rows</th>${names.map((name) => `<th scope="col">${escaped(words(name))}</th>`).join("")}</tr></thead><tbody>${lines.join("")}</tbody></table>`;
  });
  return `<section><h2>Slices</h2>${tables.join("")}</section>`;
}

function allMetrics({ metrics }: Evaluation): string {
  const lines = Object.entries(flatMetrics(metrics)).map(
    ([name, value]) => `<tr><th scope="row">${escaped(words(name))}</th><td>${shown(value)}</td></tr>`,
  );
  return `<section><h2>All metrics</h2><table><tbody>${lines.join("")}</tbody></table></section>`;
}

const names: Readonly<Record<string, string>> = {
  rocAuc: "area under ROC",
  r2: "R²",
  "macro.f1": "F1 (macro)",
  "weighted.f1": "F1 (weighted)",
  logLoss: "log loss",
  matthewsCorrelation: "Matthews' correlation",
  cohensKappa: "Cohen's kappa",
  brierScore: "Brier score",
};

/** `meanAbsoluteError` as `mean absolute error`. */
function words(name: string): string {
  const known = names[name];
  if (known !== undefined) return known;
  const [whole, part] = name.split(".");
  const text = (part ?? whole ?? "").replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);
  return part === undefined ? text : `${text} (${whole})`;
}

function shown(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  return size >= 1000 ? value.toFixed(0) : size >= 1e-3 ? String(Number(value.toPrecision(4))) : value.toExponential(2);
}

function signed(value: number | null): string {
  return value === null ? "–" : value > 0 ? `+${shown(value)}` : shown(value);
}

function count(number: number, what: string): string {
  return `${number.toLocaleString("en")} ${what}${number === 1 ? "" : "s"}`;
}
