import Table from "cli-table3";
import stringWidth from "string-width";
import type { Terminal } from "./terminal.js";

export interface Column {
  readonly title: string;
  readonly align?: "right";
  /** The column with the lowest number is left out first where the terminal is too narrow; without one it stays. */
  readonly rank?: number;
}

const gap = 2;

/** A table without lines, fit for a terminal's width; unshortened where the output is not a terminal. */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  { colors, width }: Pick<Terminal, "colors" | "width">,
): string {
  const widths = columns.map(({ title }, index) =>
    Math.max(stringWidth(title), ...rows.map((row) => stringWidth(row[index] ?? ""))),
  );
  const shown = fit(columns, widths, width());
  const table = new Table({
    head: shown.map((index, place) => colors.dim(pad(columns[index]?.title ?? "", place, shown.length))),
    colWidths: shown.map((index, place) => (widths[index] ?? 0) + (place === shown.length - 1 ? 0 : gap)),
    colAligns: shown.map((index) => columns[index]?.align ?? "left"),
    chars: borderless,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  for (const row of rows) {
    table.push(shown.map((index) => row[index] ?? "").map((cell, place, all) => pad(cell, place, all.length)));
  }
  const text = table.toString();
  return text
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");

  /** Right-aligned cells need their gap inside. */
  function pad(cell: string, place: number, count: number): string {
    const index = shown[place];
    return index !== undefined && columns[index]?.align === "right" && place < count - 1
      ? cell + " ".repeat(gap)
      : cell;
  }
}

/** Which columns there is room for. What remains may still be cut at the right margin. */
function fit(columns: readonly Column[], widths: number[], available: number): number[] {
  let shown = columns.map((_, index) => index);
  const total = () => shown.reduce((sum, index) => sum + (widths[index] ?? 0) + gap, -gap);
  while (total() > available) {
    const least = shown
      .filter((index) => columns[index]?.rank !== undefined)
      .sort((a, b) => (columns[a]?.rank ?? 0) - (columns[b]?.rank ?? 0))[0];
    if (least === undefined) break;
    shown = shown.filter((index) => index !== least);
  }
  const excess = total() - available;
  if (excess > 0) {
    const widest = [...shown].sort((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0))[0] ?? 0;
    widths[widest] = Math.max(4, (widths[widest] ?? 0) - excess);
  }
  return shown;
}

const borderless = Object.fromEntries(
  ["top", "bottom", "left", "right", "mid", "middle"]
    .flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`])
    .map((name) => [name, ""]),
);
