import { formatTable } from "../terminal/table.js";
import type { Terminal } from "../terminal/terminal.js";
import type { ComparedRuns } from "./compared-runs.js";
import { type ComparedRow, sections, shortIds } from "./sections.js";

export interface CompareTextOptions {
  /** Leave out rows in which all runs agree. */
  readonly onlyDifferences?: boolean;
}

/** Runs side by side as tables. `*` stands before what differs, so that colours are not needed to see it. */
export function compareText(
  compared: ComparedRuns,
  terminal: Pick<Terminal, "colors" | "width">,
  { onlyDifferences = false }: CompareTextOptions = {},
): string {
  const { colors } = terminal;
  const ids = shortIds(compared.runs);
  const parts = sections(compared).map(({ title, rows }) => {
    const wanted = rows.filter(({ differs }) => differs || !onlyDifferences || title === "Runs");
    if (wanted.length === 0) return `${colors.bold(title)}\n  no difference\n`;
    const columns = [{ title: "" }, { title: "" }, ...ids.map((id) => ({ title: id }))];
    const table = formatTable(columns, wanted.map(written), terminal);
    const notes = wanted.flatMap(({ name, note }) => (note === undefined ? [] : [`  ${name}: ${plain(note)}\n`]));
    return `${colors.bold(title)}\n${table}\n${notes.join("")}`;
  });
  return `${parts.join("\n")}\n${colors.dim("* differs between the runs")}\n`;

  function written({ name, cells, differs }: ComparedRow): string[] {
    const paint = differs ? colors.yellow : colors.dim;
    return [differs ? colors.yellow("*") : " ", plain(name), ...cells.map((cell) => paint(plain(cell)))];
  }
}

/** What others wrote may not move the cursor. */
function plain(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ");
}
