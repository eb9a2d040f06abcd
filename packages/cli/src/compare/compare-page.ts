import { type ComparedMetadata, type ComparedRuns, isSeries } from "./compared-runs.js";
import { Markup, markup } from "./markup.js";
import { pageStyle } from "./page-style.js";
import { runColours } from "./palette.js";
import type { PlottedRuns } from "./plots.js";
import { type ComparedRow, type ComparedSection, sections, shortIds } from "./sections.js";

/** Beyond these a page would only get slow. What is left out is said on it; the tables hold everything. */
const mostPlots = 60;
const mostSteps = 40;

/**
 * Runs side by side as one HTML page, with plots of what they measured. It needs no network and holds no script; its
 * security policy forbids both, whatever the metadata say.
 */
export async function comparePage(compared: ComparedRuns): Promise<string> {
  const labels = shortIds(compared.runs);
  const runs: PlottedRuns = { labels, colours: runColours(labels.length) };
  const title = `Comparison of ${labels.length} runs`;
  const pipelines = [...new Set(compared.runs.map(({ pipeline }) => pipeline))].join(", ");
  const all = sections(compared);
  const page = markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}: ${pipelines}</title>
<style>${new Markup(pageStyle)}</style></head>
<body><main>
<h1>${title}</h1>
<p class="quiet">Pipeline ${pipelines}. ${summary(all)}</p>
<ul class="legend" aria-label="Colours of the runs">${labels.map((label, index) => markup`<li>${dot(runs, index)}${label}</li>`)}</ul>
<label class="switch"><input type="checkbox" id="only"> Only what differs</label>
${await plots(compared, runs)}
${all.map((section) => table(section, runs))}
</main></body></html>
`;
  return page.text;
}

function summary(all: readonly ComparedSection[]): string {
  const counts = all.map(({ title, rows }) => [title.toLowerCase(), rows.filter((row) => row.differs).length] as const);
  const differing = counts.filter(([, count]) => count > 0).map(([title, count]) => `${count} in ${title}`);
  return differing.length === 0 ? "Nothing differs but the time." : `Rows that differ: ${differing.join(", ")}.`;
}

async function plots(compared: ComparedRuns, runs: PlottedRuns): Promise<Markup> {
  const { barPlot, durationPlot, linePlot } = await import("./plots.js");
  const curves = compared.metadata.filter(({ values }) => values.some(isSeries));
  const numbers = compared.metadata.filter(({ values }) => values.some((value) => typeof value === "number"));
  const slowest = [...compared.durations].sort((one, other) => longest(other) - longest(one)).slice(0, mostSteps);
  const steps = compared.durations.filter((step) => slowest.includes(step));
  return markup`
${section("Curves", curves, ({ name, values }) => linePlot(name, values.map(seriesOnly), runs))}
${section("Measured", numbers, ({ name, values }) => barPlot(name, values.map(numberOnly), runs))}
${
  steps.length > 0 &&
  markup`<h2>Time by step</h2>${leftOut(compared.durations.length, steps.length)}
<div class="plots"><figure>${durationPlot(steps, runs)}</figure></div>`
}`;
}

function section(
  title: string,
  rows: readonly ComparedMetadata[],
  plot: (row: ComparedMetadata) => Markup,
): Markup | undefined {
  const shown = rows.slice(0, mostPlots);
  if (shown.length === 0) return undefined;
  const figures = shown.map((row) => markup`<figure><figcaption>${row.name}</figcaption>${plot(row)}</figure>`);
  return markup`<h2>${title}</h2>${leftOut(rows.length, shown.length)}<div class="plots">${figures}</div>`;
}

function leftOut(all: number, shown: number): Markup | false {
  return all > shown && markup`<p class="quiet">${shown} of ${all} are drawn; the tables below hold all of them.</p>`;
}

function longest({ milliseconds }: { readonly milliseconds: readonly (number | undefined)[] }): number {
  return Math.max(...milliseconds.map((time) => time ?? 0));
}

const seriesOnly = (value: unknown) => (isSeries(value) ? value : undefined);
const numberOnly = (value: unknown) => (typeof value === "number" ? value : undefined);

function table({ title, rows }: ComparedSection, runs: PlottedRuns): Markup {
  const same = rows.every(({ differs }) => !differs) && title !== "Runs";
  const heads = runs.labels.map((label, index) => markup`<th scope="col">${dot(runs, index)}${label}</th>`);
  return markup`<section${same && new Markup(' class="same"')}><h2>${title}</h2><div class="scroll" tabindex="0" role="region" aria-label="${title}">
<table><thead><tr><td></td>${heads}</tr></thead>
<tbody>${rows.map((row) => tableRow(row, title === "Runs"))}</tbody></table></div></section>`;
}

function tableRow({ name, cells, whole = [], differs, note }: ComparedRow, always: boolean): Markup {
  const kind = `${differs ? "differs" : "same"}${always ? " always" : ""}`;
  const values = cells.map((cell, index) => {
    const title = whole[index];
    return title && title !== cell
      ? markup`<td title="${title.slice(0, 2000)}">${cell}</td>`
      : markup`<td>${cell}</td>`;
  });
  const more =
    note !== undefined && markup`<tr class="note ${kind}"><th></th><td colspan="${cells.length}">${note}</td></tr>`;
  const spoken = differs && new Markup(' aria-description="differs"');
  return markup`<tr class="${kind}"><th scope="row"${spoken}>${name}</th>${values}</tr>${more}`;
}

function dot({ colours }: PlottedRuns, index: number): Markup {
  return markup`<span class="dot" style="background:${colours[index]}"></span>`;
}
