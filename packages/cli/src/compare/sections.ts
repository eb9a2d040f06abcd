import { brief, duration, moment } from "../terminal/format.js";
import { type ComparedRuns, isSeries } from "./compared-runs.js";

/** What a comparison shows, for a terminal or for a page. */
export interface ComparedSection {
  readonly title: string;
  readonly rows: readonly ComparedRow[];
}

export interface ComparedRow {
  readonly name: string;
  /** One for every run, short enough for a table. */
  readonly cells: readonly string[];
  /** The same at greater length, where the cells are shortened. */
  readonly whole?: readonly string[];
  readonly differs: boolean;
  /** What more there is to say of the difference. */
  readonly note?: string;
}

/** The parts of a comparison that have anything to show. */
export function sections(compared: ComparedRuns): ComparedSection[] {
  const { runs, parameters, code, inputs, metadata, durations, digests } = compared;
  const all: ComparedSection[] = [
    { title: "Runs", rows: runRows(runs) },
    { title: "Parameters", rows: parameters.map(({ name, values }) => valueRow(name, values)) },
    {
      title: "Code",
      rows: code.map(({ step, fingerprints, changedFunctions = [] }) => ({
        ...digestRow(step, fingerprints),
        ...(changedFunctions.length > 0 && { note: `changed: ${changedFunctions.join(", ")}` }),
      })),
    },
    { title: "Inputs", rows: inputs.map(({ name, digests }) => digestRow(name, digests)) },
    { title: "Metadata", rows: metadata.map(({ name, values }) => valueRow(name, values, true)) },
    {
      title: "Durations",
      // No two runs take exactly as long: that is no difference worth a mark.
      rows: durations.map(({ step, milliseconds }) => ({
        name: step,
        cells: milliseconds.map((time) => (time === undefined ? absent : duration(time))),
        differs: false,
      })),
    },
    { title: "Artifacts", rows: digests.map(({ name, digests }) => digestRow(name, digests)) },
  ];
  return all.filter(({ rows }) => rows.length > 0);
}

export const absent = "–";

/** The shortest beginning of run ids, at least 8 characters, that tells all of them apart. */
export function shortIds(runs: ComparedRuns["runs"]): string[] {
  const ids = runs.map(({ id }) => id);
  let length = 8;
  while (length < 64 && new Set(ids.map((id) => id.slice(0, length))).size < new Set(ids).size) length++;
  return ids.map((id) => id.slice(0, length));
}

function runRows(runs: ComparedRuns["runs"]): ComparedRow[] {
  const row = (name: string, cells: string[], marked = true): ComparedRow => ({
    name,
    cells,
    differs: marked && new Set(cells).size > 1,
  });
  return [
    row(
      "id",
      runs.map((run) => run.id),
      false,
    ),
    row(
      "pipeline",
      runs.map((run) => run.pipeline),
    ),
    row(
      "status",
      runs.map((run) => run.status),
    ),
    row(
      "stack",
      runs.map((run) => run.stack),
    ),
    row(
      "started",
      runs.map((run) => moment(run.created)),
      false,
    ),
    row(
      "duration",
      runs.map((run) => duration(run.durationMs)),
      false,
    ),
  ];
}

function valueRow(name: string, values: readonly unknown[], withChange = false): ComparedRow {
  const [first] = values;
  const cells = values.map((value, index) => {
    const change =
      withChange && index > 0 && typeof first === "number" && typeof value === "number" ? value - first : 0;
    return change === 0
      ? shown(value)
      : `${shown(value)} (${change > 0 ? "+" : "−"}${Number(Math.abs(change).toPrecision(3))})`;
  });
  const whole = values.map((value) => (isSeries(value) || value === undefined ? "" : JSON.stringify(value)));
  return { name, cells, whole, differs: new Set(values.map(canonical)).size > 1 };
}

function shown(value: unknown): string {
  if (value === undefined) return absent;
  if (!isSeries(value)) return brief(value);
  const last = value.values.at(-1)?.[1];
  const count = value.values.length;
  return `${count} ${count === 1 ? "point" : "points"}${typeof last === "number" ? `, last ${brief(last)}` : ""}`;
}

function digestRow(name: string, digests: readonly (string | undefined)[]): ComparedRow {
  const short = digests.map((digest) => digest?.replace(/^[a-z0-9]+:/, "").slice(0, 10) ?? absent);
  return { name, cells: short, whole: digests.map((digest) => digest ?? ""), differs: new Set(digests).size > 1 };
}

/** Equal values have equal texts, whatever the order of their keys. */
function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, part: unknown) =>
      typeof part === "object" && part !== null && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
        : part,
    ) ?? "undefined"
  );
}
