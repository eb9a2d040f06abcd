import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { brief, duration } from "../terminal/format.js";
import type { Series } from "./compared-runs.js";
import { Markup, markup } from "./markup.js";
import { thinOut } from "./thin-out.js";

// Plots are drawn here, not in the reader's browser: the page then needs no script at all.

export interface PlottedRuns {
  /** Short and different from each other. */
  readonly labels: readonly string[];
  readonly colours: readonly string[];
}

/** One bar for every run that has a number. */
export function barPlot(name: string, values: readonly (number | undefined)[], runs: PlottedRuns): Markup {
  const bars = values.flatMap((value, index) =>
    value === undefined || !Number.isFinite(value) ? [] : [{ run: runs.labels[index] ?? "", value }],
  );
  const crowded = bars.length > 8;
  return drawn({
    ariaLabel: `${name} by run: ${bars.map(({ run, value }) => `${run} ${brief(value)}`).join(", ")}`,
    width: Math.max(280, runs.labels.length * 24 + 60),
    height: crowded ? 220 : 180,
    marginTop: 24,
    marginBottom: crowded ? 70 : 30,
    marginLeft: 52,
    x: { domain: runs.labels, label: null, ...(crowded && { tickRotate: -60 }) },
    y: { label: null, ticks: 4, grid: true, nice: true, tickFormat: axisNumber },
    ...(bars.some(({ value }) => value < 0) && { insetBottom: 14 }),
    color: colours(runs),
    marks: [
      Plot.barY(bars, { x: "run", y: "value", fill: "run", title: ({ run, value }) => `${run}: ${value}` }),
      ...(crowded
        ? []
        : [
            Plot.text(
              bars.filter(({ value }) => value >= 0),
              { x: "run", y: "value", text: ({ value }) => axisNumber(value), dy: -8, fontSize: 11 },
            ),
            Plot.text(
              bars.filter(({ value }) => value < 0),
              { x: "run", y: "value", text: ({ value }) => axisNumber(value), dy: 8, fontSize: 11 },
            ),
          ]),
      Plot.ruleY([0]),
    ],
  });
}

/** The curves of all runs in one plot. */
export function linePlot(name: string, series: readonly (Series | undefined)[], runs: PlottedRuns): Markup {
  const points = series.flatMap((one, index) =>
    thinOut(one?.values ?? []).map(([x, y]) => ({ run: runs.labels[index] ?? "", x, y: y ?? Number.NaN })),
  );
  const heights = points.map(({ y }) => y).filter(Number.isFinite);
  const [low, high] = [Math.min(...heights), Math.max(...heights)];
  const logarithmic = low > 0 && high / low > 1000;
  const single = series.some((one) => one?.values.length === 1);
  return drawn({
    ariaLabel: `${name} as curves of ${series.filter(Boolean).length} runs`,
    width: 560,
    height: 260,
    marginLeft: 52,
    marginRight: 20,
    x: { label: null, ticks: 8, tickFormat: axisNumber, nice: false },
    y: { label: null, grid: true, ticks: 5, type: logarithmic ? "log" : "linear", tickFormat: axisNumber },
    color: colours(runs),
    marks: [
      Plot.line(points, { x: "x", y: "y", z: "run", stroke: "run", strokeWidth: 1.8, title: "run" }),
      ...(single ? [Plot.dot(points, { x: "x", y: "y", fill: "run", r: 3, title: "run" })] : []),
    ],
  });
}

export interface PlottedDurations {
  readonly step: string;
  readonly milliseconds: readonly (number | undefined)[];
}

/** How long every step took, the runs below each other. */
export function durationPlot(steps: readonly PlottedDurations[], runs: PlottedRuns): Markup {
  const bars = steps.flatMap(({ step, milliseconds }) =>
    milliseconds.flatMap((time, index) =>
      time === undefined ? [] : [{ step, run: runs.labels[index] ?? "", milliseconds: time }],
    ),
  );
  const longest = Math.max(1, ...bars.map(({ milliseconds }) => milliseconds));
  const divisor = longest >= 600_000 ? 60_000 : longest >= 1000 ? 1000 : 1;
  const names = Math.min(220, 16 + 7 * Math.max(...steps.map(({ step }) => step.length)));
  return drawn({
    ariaLabel: `Durations of ${steps.length} steps`,
    width: 720,
    height: 40 + steps.length * Math.max(26, runs.labels.length * 11 + 10),
    marginLeft: names,
    marginRight: 60,
    x: { label: { 1: "ms", 1000: "s", 60000: "min" }[divisor] ?? "", grid: true, ticks: 6 },
    y: { axis: null, domain: runs.labels, padding: 0.1 },
    fy: { label: null, domain: steps.map(({ step }) => step), padding: 0.2, axis: "left" },
    color: colours(runs),
    marks: [
      Plot.barX(bars, {
        x: ({ milliseconds }) => milliseconds / divisor,
        ...{ y: "run", fy: "step", fill: "run" },
        title: ({ step, run, milliseconds }) => `${step}, ${run}: ${duration(milliseconds)}`,
      }),
      Plot.text(bars, {
        x: ({ milliseconds }) => milliseconds / divisor,
        ...{ y: "run", fy: "step", dx: 5, textAnchor: "start", fontSize: 10 },
        text: ({ milliseconds }) => duration(milliseconds),
      }),
      Plot.ruleX([0]),
    ],
  });
}

function colours(runs: PlottedRuns): Plot.ScaleOptions {
  return { type: "categorical", domain: [...runs.labels], range: [...runs.colours] };
}

/** `0.25`, `1.2M`, `3e-7`. */
function axisNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e15 || (size > 0 && size < 0.001)) return value.toExponential(1).replace(/\.0e/, "e").replace("e+", "e");
  return size >= 10_000 ? compact.format(value) : String(Number(value.toPrecision(4)));
}

const compact = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 4 });

function drawn({ ariaLabel, ...options }: Plot.PlotOptions & { ariaLabel: string }): Markup {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const picture = Plot.plot({ ...options, document: document as unknown as NonNullable<Plot.PlotOptions["document"]> });
  // The document's writer leaves `<` in attributes as it is: names go into none but this one.
  const opening = markup`<svg role="img" aria-label="${ariaLabel}"`;
  return new Markup(picture.outerHTML.replace(/^<svg/, () => opening.text));
}
