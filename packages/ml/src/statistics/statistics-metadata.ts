import type { JsonObject, JsonValue } from "@tenon/core";
import type { DataStatistics } from "./data-statistics.js";

const shownColumns = 200;
const shownValues = 5;

/** The part of statistics that fits into a record: no histograms, and of each column the most frequent values. */
export function statisticsMetadata({ rows, columns, schema }: DataStatistics): Record<string, JsonValue> {
  const entries = columns
    .slice(0, shownColumns)
    .map(({ name, kind, present, missing, numbers, elements, values, period }) => {
      const facts: Record<string, JsonValue> = { kind, present, missing };
      if (numbers) {
        const { histogram: _, quantiles, ...rest } = numbers;
        Object.assign(facts, rest, { median: quantiles["0.5"] });
      }
      if (elements) Object.assign(facts, elements);
      if (period) Object.assign(facts, period);
      if (values) {
        const top = values.top.slice(0, shownValues).map(({ value, count }) => [value.slice(0, 100), count]);
        Object.assign(facts, { distinct: values.distinct, ...(kind !== "number" && { top }) });
      }
      return [name, Object.fromEntries(Object.entries(facts).map(([fact, value]) => [fact, finite(value)]))] as const;
    });
  const shown = schema.columns
    .slice(0, shownColumns)
    .map((column) => ({ ...column, domain: column.domain?.slice(0, 100) }));
  return {
    rows,
    statistics: Object.fromEntries(entries),
    schema: JSON.parse(JSON.stringify({ columns: shown })) as JsonObject,
  };
}

/** What is beyond all numbers, such as the deviation of very great ones, is not known. */
function finite(value: JsonValue): JsonValue {
  return typeof value === "number" && !Number.isFinite(value) ? null : value;
}
