import type { Invocation } from "../command.js";
import type { ExitCode } from "../exit-codes.js";
import { ago, brief, moment } from "../terminal/format.js";
import { formatTable } from "../terminal/table.js";

export async function showModel(invocation: Invocation, reference: string): Promise<ExitCode | undefined> {
  const { terminal, options } = invocation;
  const { colors } = terminal;
  const model = await invocation.withClient(({ models }) => models.get(reference));
  if (options.json) {
    terminal.printJson(model);
    return undefined;
  }
  const facts: [string, string][] = [
    ["stage", model.stage ?? "none"],
    ["made", `${moment(model.created)} (${ago(model.created)})`],
    ["by", `run ${model.runId}`],
  ];
  if (model.tags.length > 0) facts.push(["tags", model.tags.join(", ")]);
  const width = Math.max(...facts.map(([name]) => name.length));
  terminal.print(`${colors.bold(model.name)} version ${model.version}`);
  for (const [name, value] of facts) terminal.print(`  ${colors.dim(name.padEnd(width))}  ${value}`);
  const tables: [string[], string[][]][] = [
    [["METADATA", "VALUE"], Object.entries(model.metadata).map(([name, value]) => [name, shown(value)])],
    [
      ["ARTIFACT", "THROUGH"],
      model.artifacts.map(({ artifact, stepId, runId }) => [artifact, `${stepId} of ${runId}`]),
    ],
    [["RUN", "WHICH"], model.runs.map(({ runId, role }) => [runId, role === "made" ? "worked on it" : "used it"])],
  ];
  for (const [titles, rows] of tables) {
    if (rows.length === 0) continue;
    terminal.print();
    terminal.print(
      formatTable(
        titles.map((title) => ({ title })),
        rows,
        terminal,
      ),
    );
  }
  return undefined;
}

/** A curve by its length and its last value; anything else as it is. */
function shown(value: unknown): string {
  const { kind, values } = (value ?? {}) as { kind?: unknown; values?: readonly (readonly [number, number | null])[] };
  if (kind !== "series" || !Array.isArray(values)) return brief(value);
  const last = values.at(-1)?.[1];
  return `series of ${values.length}${last === undefined || last === null ? "" : `, the last ${brief(last)}`}`;
}
