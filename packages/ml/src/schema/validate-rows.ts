import type { ColumnKind, ColumnSchema, DataSchema } from "../vocabulary/data-schema.js";
import { sizeOf } from "../vocabulary/data-schema.js";
import { columnNames, describeValue, isMissing, isVector, type Row, type Rows, type Value } from "../vocabulary/row.js";
import type { Anomaly, AnomalyKind, Validation } from "./anomalies.js";
import { isTime } from "./infer-schema.js";

const shownRows = 5;
const shownValues = 5;

/**
 * Holds rows against a schema.
 *
 * @param options.others false: columns of which the schema says nothing are no anomaly
 */
export function validateRows(rows: Rows, schema: DataSchema, { others = true } = {}): Validation {
  const known = new Set(schema.columns.map(({ name }) => name));
  const there = new Set(columnNames(rows));
  const anomalies = schema.columns.flatMap((column) =>
    rows.length === 0 || there.has(column.name) ? judgeColumn(rows, column) : absent(rows, column),
  );
  const unknown = others ? [...there].filter((name) => !known.has(name)) : [];
  return { rows: rows.length, schema, anomalies: [...anomalies, ...unknown.map((name) => surplus(rows, name))] };
}

function judgeColumn(rows: Rows, column: ColumnSchema): Anomaly[] {
  const found = new Map<
    AnomalyKind,
    { readonly rows: number[]; count: number; readonly values: Map<string, number> }
  >();
  for (const [index, row] of rows.entries()) {
    const anomaly = judge(row[column.name], column);
    if (anomaly === undefined) continue;
    let entry = found.get(anomaly);
    if (entry === undefined) {
      entry = { rows: [], count: 0, values: new Map() };
      found.set(anomaly, entry);
    }
    entry.count += 1;
    if (entry.rows.length < shownRows) entry.rows.push(index);
    const shown = show(row[column.name]);
    if (entry.values.size < 1000 || entry.values.has(shown))
      entry.values.set(shown, (entry.values.get(shown) ?? 0) + 1);
  }
  return [...found].map(([anomaly, { rows: first, count, values }]) => {
    const most = [...values].sort(([, a], [, b]) => b - a).slice(0, shownValues);
    const list = most.map(([value, times]) => `${value} (${times})`).join(", ");
    const more = values.size > shownValues ? ", …" : "";
    return {
      column: column.name,
      anomaly,
      found: `${count} ${count === 1 ? "row" : "rows"} ${clause(anomaly, column, count)}${anomaly === "value missing" ? "" : `: ${list}${more}`}`,
      rows: count,
      first,
    };
  });
}

function judge(value: Value | undefined, column: ColumnSchema): AnomalyKind | undefined {
  if (isMissing(value)) return column.required ? "value missing" : undefined;
  if (!isOfKind(value, column.kind)) return "wrong kind";
  const { domain, minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY, shape } = column;
  if (domain && !domain.includes(value as string)) return "not in domain";
  if (typeof value === "number" && (value < minimum || value > maximum)) return "out of range";
  if (shape && typeof value === "object" && value.length !== sizeOf(shape)) return "wrong shape";
  return undefined;
}

function isOfKind(value: Exclude<Value, null>, kind: ColumnKind): boolean {
  switch (kind) {
    case "boolean":
      return typeof value === "boolean";
    case "integer":
      return Number.isInteger(value);
    case "number":
      return typeof value === "number";
    case "text":
      return typeof value === "string";
    case "time":
      return typeof value === "string" && isTime(value);
    case "bytes":
      return value instanceof Uint8Array;
    case "vector":
      return isVector(value);
  }
}

function clause(anomaly: AnomalyKind, { kind, domain, minimum, maximum, shape }: ColumnSchema, count: number): string {
  const are = count === 1 ? "is" : "are";
  switch (anomaly) {
    case "value missing":
      return `${count === 1 ? "has" : "have"} no value, though one is required`;
    case "wrong kind":
      return `${are} not of the kind ${kind}`;
    case "not in domain":
      return `${are} not in the domain of ${domain?.length} values`;
    case "out of range":
      return `${are} not between ${minimum ?? "-∞"} and ${maximum ?? "∞"}`;
    default:
      return `${are} not of the shape ${shape?.join(" × ")}`;
  }
}

function show(value: Value | undefined): string {
  return typeof value === "string"
    ? JSON.stringify(value.slice(0, 60))
    : typeof value === "object"
      ? describeValue(value)
      : String(value);
}

function absent(rows: Rows, { name, required }: ColumnSchema): Anomaly[] {
  if (!required) return [];
  return [{ column: name, anomaly: "column missing", found: "no row has the column", rows: rows.length, first: [] }];
}

function surplus(rows: Rows, name: string): Anomaly {
  const holders = rows.flatMap((row: Row, index) => (Object.hasOwn(row, name) ? [index] : []));
  return {
    column: name,
    anomaly: "column unknown",
    found: "the schema says nothing of this column",
    rows: holders.length,
    first: holders.slice(0, shownRows),
  };
}
