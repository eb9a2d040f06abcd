import truncatedWidth from "fast-string-truncated-width";
import type { Terminal } from "./terminal.js";

export interface Column {
  readonly title: string;
  readonly align?: "right";
  /** The column with the lowest number is left out first where the terminal is too narrow; without one it stays. */
  readonly rank?: number;
}

const gap = "  ";

/** A table without lines, fit for a terminal's width; unshortened where the output is not a terminal. */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  { colors, width }: Pick<Terminal, "colors" | "width">,
): string {
  const head = columns.map(({ title }) => colors.dim(title));
  const widths = columns.map((_, index) =>
    [head, ...rows].reduce((widest, row) => Math.max(widest, columnsOf(row[index] ?? "")), 0),
  );
  const shown = fit(columns, widths, width());
  const line = (row: readonly string[]) =>
    shown
      .map((index) => place(row[index] ?? "", widths[index] ?? 0, columns[index]?.align === "right"))
      .join(gap)
      .trimEnd();
  return [head, ...rows].map(line).join("\n");
}

/** How many columns of a terminal a text takes: wide characters take two, escape sequences none. */
export function columnsOf(text: string): number {
  return truncatedWidth(text).width;
}

function place(cell: string, width: number, right: boolean): string {
  const { width: own, index, ellipsed } = truncatedWidth(cell, { limit: width, ellipsis: "…" });
  const filling = " ".repeat(Math.max(0, width - own - (ellipsed ? 1 : 0)));
  // What is cut may have lost the end of its colour.
  const text = ellipsed ? `${cell.slice(0, index)}…${cell.includes("\u001b") ? "\u001b[0m" : ""}` : cell;
  return right ? filling + text : text + filling;
}

/** Which columns there is room for; the widest is made narrower if those that have to stay are still too wide. */
function fit(columns: readonly Column[], widths: number[], available: number): number[] {
  let shown = columns.map((_, index) => index);
  const total = () => shown.reduce((sum, index) => sum + (widths[index] ?? 0) + gap.length, -gap.length);
  while (total() > available) {
    const dispensable = shown.filter((index) => columns[index]?.rank !== undefined);
    const [least] = dispensable.sort((a, b) => (columns[a]?.rank ?? 0) - (columns[b]?.rank ?? 0));
    if (least === undefined) break;
    shown = shown.filter((index) => index !== least);
  }
  const excess = total() - available;
  if (excess > 0) {
    const [widest = 0] = [...shown].sort((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0));
    widths[widest] = Math.max(4, (widths[widest] ?? 0) - excess);
  }
  return shown;
}
