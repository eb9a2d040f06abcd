import { inferSchema } from "../schema/infer-schema.js";
import type { ColumnSchema, DataSchema } from "../vocabulary/data-schema.js";
import { momentOf } from "../vocabulary/moment.js";
import { inOrder, isMissing, type Rows, type Value } from "../vocabulary/row.js";
import type { ColumnStatistics, DataStatistics, ValueStatistics } from "./data-statistics.js";
import { describeNumbers } from "./describe-numbers.js";
import { mean } from "./sum.js";

const topValues = 20;

/**
 * Statistics of rows, column by column.
 *
 * @param schema what is expected of them; by default what they show
 */
export function describeRows(rows: Rows, schema: DataSchema = inferSchema(rows)): DataStatistics {
  return { rows: rows.length, columns: schema.columns.map((column) => describeColumn(rows, column)), schema };
}

function describeColumn(rows: Rows, { name, kind }: ColumnSchema): ColumnStatistics {
  const values: Exclude<Value, null>[] = [];
  for (const row of rows) {
    const value = row[name];
    if (!isMissing(value)) values.push(value);
  }
  const counts = { name, kind, present: values.length, missing: rows.length - values.length };
  if (values.length === 0) return counts;
  const numbers = values.filter((value) => typeof value === "number");
  const lengths = values.flatMap((value) =>
    typeof value === "object" || typeof value === "string" ? value.length : [],
  );
  switch (kind) {
    case "integer":
    case "number":
      return {
        ...counts,
        ...(numbers.length > 0 && { numbers: describeNumbers(numbers) }),
        values: countValues(values),
      };
    case "bytes":
    case "vector":
      return { ...counts, ...describeElements(values), lengths: describeLengths(lengths) };
    case "time":
      return { ...counts, values: countValues(values), period: periodOf(values) };
    case "text":
      return { ...counts, values: countValues(values), lengths: describeLengths(lengths) };
    case "boolean":
      return { ...counts, values: countValues(values) };
  }
}

function countValues(values: readonly Value[]): ValueStatistics {
  const counts = new Map<Value, number>();
  for (const value of values) if (typeof value !== "object") counts.set(value, (counts.get(value) ?? 0) + 1);
  const top = [...counts]
    .sort(([a, countA], [b, countB]) => countB - countA || inOrder(a, b))
    .slice(0, topValues)
    .map(([value, count]) => ({ value: String(value), count }));
  return { distinct: counts.size, top };
}

function describeLengths(lengths: readonly number[]) {
  const [minimum, maximum] = extremes(lengths);
  return { minimum, mean: mean(lengths), maximum };
}

/** In one pass, since images are many numbers (Welford). */
function describeElements(values: readonly Value[]): Pick<ColumnStatistics, "elements"> {
  let [count, middle, squares] = [0, 0, 0];
  let [minimum, maximum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (typeof value !== "object" || value === null) continue;
    for (const number of value) {
      count += 1;
      const difference = number - middle;
      middle += difference / count;
      squares += difference * (number - middle);
      if (number < minimum) minimum = number;
      if (number > maximum) maximum = number;
    }
  }
  if (count === 0) return {};
  const deviation = count > 1 ? { deviation: Math.sqrt(squares / (count - 1)) } : {};
  return { elements: { mean: middle, ...deviation, minimum: minimum + 0, maximum: maximum + 0 } };
}

function extremes(numbers: readonly number[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const number of numbers) {
    if (number < low) low = number;
    if (number > high) high = number;
  }
  return [low, high];
}

function periodOf(values: readonly Value[]) {
  const moments = values.map((value) => ({ value: String(value), at: momentOf(String(value)) }));
  const first = moments.reduce((one, other) => (other.at < one.at ? other : one));
  const last = moments.reduce((one, other) => (other.at > one.at ? other : one));
  return { earliest: first.value, latest: last.value };
}
