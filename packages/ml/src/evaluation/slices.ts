import { suggest, TenonError } from "@tenon/core";
import type { Predictions } from "../training/predictions.js";
import { columnNames, isMissing, isVector, type Rows } from "../vocabulary/row.js";
import type { Metrics, Slice } from "./evaluation.js";
import { judge, pick } from "./metrics-of.js";

const mostValues = 20;

/**
 * Metrics of the rows of each value of each column: of the 20 most frequent values, all others together; of numbers with
 * more than 20 values by quarters.
 *
 * @throws `DATA_COLUMN_MISSING` for a column that no row has
 */
export function slicesOf(
  columns: readonly string[],
  rows: Rows,
  predictions: Predictions,
  labels: Float64Array,
): readonly Slice[] {
  return columns.flatMap((column) => {
    const known = columnNames(rows);
    if (!known.includes(column)) throw noColumn(column, known);
    return [...groups(column, rows)].map(([value, places]) => {
      const own = Float64Array.from(places, (place) => labels[place] as number);
      return { column, value, rows: places.length, metrics: keyMetrics(judge(pick(predictions, places), own).metrics) };
    });
  });
}

/** The few that say most. */
export function keyMetrics(metrics: Metrics): Record<string, number | null> {
  if ("accuracy" in metrics) {
    const { accuracy, macro, logLoss, rocAuc } = metrics;
    return { accuracy, "macro.f1": macro.f1, logLoss, rocAuc };
  }
  const { meanAbsoluteError, rootMeanSquaredError, bias, r2 } = metrics;
  return { meanAbsoluteError, rootMeanSquaredError, bias, r2 };
}

function groups(column: string, rows: Rows): Map<string, number[]> {
  const numbers = rows.flatMap((row) =>
    typeof row[column] === "number" && !isMissing(row[column]) ? [row[column]] : [],
  );
  const present = rows.filter((row) => !isMissing(row[column])).length;
  const quarters = numbers.length === present && new Set(numbers).size > mostValues ? quarterNames(numbers) : undefined;
  const found = new Map<string, number[]>();
  for (const [place, row] of rows.entries()) {
    const value = row[column];
    const name = isMissing(value)
      ? "missing"
      : quarters
        ? quarters(value as number)
        : isVector(value) || value instanceof Uint8Array
          ? "a vector"
          : String(value);
    const group = found.get(name) ?? [];
    found.set(name, group);
    group.push(place);
  }
  if (found.size <= mostValues + 1) return new Map([...found].sort((a, b) => inOrder(a[0], b[0])));
  const sorted = [...found].sort((a, b) => b[1].length - a[1].length || inOrder(a[0], b[0]));
  const others = sorted.slice(mostValues).flatMap(([, places]) => places);
  return new Map([...sorted.slice(0, mostValues), ["all others", others]]);
}

function quarterNames(numbers: readonly number[]): (value: number) => string {
  const sorted = Float64Array.from(numbers).sort();
  const edges = [0, 1, 2, 3, 4].map((quarter) => sorted[Math.round(((sorted.length - 1) * quarter) / 4)] as number);
  const short = edges.map((edge) => String(Number(edge.toPrecision(4))));
  const shown = new Set(short).size === new Set(edges).size ? short : edges.map(String);
  const [, ...ends] = edges;
  const names = ends.map((_, at) => `${shown[at]} to ${shown[at + 1]}`);
  return (value) => names[ends.findIndex((end) => value <= end)] as string;
}

function inOrder(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

function noColumn(column: string, known: readonly string[]): TenonError {
  return new TenonError("DATA_COLUMN_MISSING", {
    doing: `evaluating by the column '${column}'`,
    found: `the test rows have ${known.join(", ")}`,
    fix: suggest(column, known, "Look at the spelling: upper and lower case differ.") as string,
  });
}
