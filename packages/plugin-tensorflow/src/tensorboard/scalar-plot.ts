import type { ScalarPoint } from "./tensorboard-log.js";

const [width, height, left, top, right, bottom] = [480, 200, 64, 28, 12, 24];
const mostCurves = 24;
const mostPoints = 600;

/** The curves of a log, one below another, as an SVG. */
export function scalarPlot(curves: ReadonlyMap<string, readonly ScalarPoint[]>): string {
  const shown = [...curves].slice(0, mostCurves);
  const rows = shown.map(
    ([name, points], index) => `<g transform="translate(0 ${index * height})">${plot(name, points)}</g>`,
  );
  const left = curves.size - shown.length;
  const total = shown.length * height + (left > 0 ? 24 : 0);
  const more = left > 0 ? `<text x="12" y="${total - 8}">and ${left} more</text>` : "";
  const style =
    "text{font:12px sans-serif;fill:#333}.axis{fill:#777;font-size:11px}path{fill:none;stroke:#1f77b4;stroke-width:1.5}rect{fill:none;stroke:#ddd}circle{fill:#1f77b4}";
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${total}" viewBox="0 0 ${width} ${total}"><style>${style}</style>${rows.join("")}${more}</svg>\n`;
}

function plot(name: string, points: readonly ScalarPoint[]): string {
  const finite = points.filter(({ value }) => Number.isFinite(value));
  const [low, high] = rangeOf(finite.map(({ value }) => value));
  const [first, last] = rangeOf(finite.map(({ step }) => step));
  const [across, down] = [width - left - right, height - top - bottom];
  const x = (step: number) =>
    (left + (last === first ? across / 2 : ((step - first) / (last - first)) * across)).toFixed(1);
  const y = (value: number) => (top + (high === low ? down / 2 : ((high - value) / (high - low)) * down)).toFixed(1);
  const stride = Math.max(1, Math.ceil(finite.length / mostPoints));
  const drawn = finite.filter((_, index) => index % stride === 0 || index === finite.length - 1);
  const [only] = drawn;
  const line =
    drawn.length === 1 && only
      ? `<circle cx="${x(only.step)}" cy="${y(only.value)}" r="3"/>`
      : `<path d="${drawn.map(({ step, value }, index) => `${index === 0 ? "M" : "L"}${x(step)} ${y(value)}`).join("")}"/>`;
  const label = (text: string | number, at: string, anchor: string) =>
    `<text class="axis" ${at} text-anchor="${anchor}">${text}</text>`;
  return [
    `<text x="${left}" y="18">${escaped(name)}</text>`,
    `<rect x="${left}" y="${top}" width="${across}" height="${down}"/>`,
    line,
    label(brief(high), `x="${left - 6}" y="${top + 9}"`, "end"),
    label(brief(low), `x="${left - 6}" y="${top + down}"`, "end"),
    label(first, `x="${left}" y="${height - 8}"`, "start"),
    label(last, `x="${width - right}" y="${height - 8}"`, "end"),
  ].join("");
}

function rangeOf(values: readonly number[]): readonly [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return values.length === 0 ? [0, 0] : [low, high];
}

function brief(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function escaped(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  // Control characters may not stand in XML at all.
  return text.replace(/[&<>"]/g, (character) => entities[character] as string).replace(/\p{Cc}/gu, "�");
}
