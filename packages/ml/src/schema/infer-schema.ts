import { TenonError } from "@tenon/core";
import type { ColumnKind, ColumnSchema, DataSchema } from "../vocabulary/data-schema.js";
import { momentOf } from "../vocabulary/moment.js";
import { columnNames, describeValue, isMissing, isVector, type Rows, type Value } from "../vocabulary/row.js";

export interface InferenceOptions {
  /** What is known of some columns already; the rest is inferred. */
  readonly columns?: readonly (Partial<ColumnSchema> & { readonly name: string })[];
  /** Texts with more different values than this have no domain; by default 100. */
  readonly maximumDomain?: number;
}

const date = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;

/**
 * What rows show of their columns: their kinds, whether a value is ever missing, the domain of texts that repeat themselves,
 * the shape of vectors of one length. Ranges are not inferred, since new data may well leave them: say them.
 *
 * @throws `DATA_INVALID` if a column holds values of two kinds
 */
export function inferSchema(rows: Rows, { columns = [], maximumDomain }: InferenceOptions = {}): DataSchema {
  const known = new Map(columns.map((column) => [column.name, column]));
  const names = new Set([...columns.map(({ name }) => name), ...columnNames(rows)]);
  return {
    columns: [...names].map((name) => ({
      ...inferColumn(rows, name, { maximumDomain, kind: known.get(name)?.kind }),
      ...known.get(name),
    })),
  };
}

/** The same of one column. */
export function inferColumn(
  rows: Rows,
  name: string,
  {
    maximumDomain = 100,
    kind: known,
  }: { readonly maximumDomain?: number | undefined; readonly kind?: ColumnKind | undefined } = {},
): ColumnSchema {
  let kind: ColumnKind | undefined;
  let present = 0;
  let length: number | undefined;
  const texts = new Set<string>();
  for (const [index, row] of rows.entries()) {
    const value = row[name];
    if (isMissing(value)) continue;
    present += 1;
    const found = kindOf(value);
    const common = kind === undefined ? found : commonKind(kind, found);
    if (common === undefined) throw mixed(name, index, kind as ColumnKind, value);
    kind = common;
    if (typeof value === "string" && texts.size <= maximumDomain) texts.add(value);
    if (isVector(value)) length = length === undefined || length === value.length ? value.length : -1;
  }
  const kindThen = known ?? kind ?? "text";
  const enumerated = kindThen === "text" && texts.size <= maximumDomain && texts.size * 2 <= present;
  return {
    name,
    kind: kindThen,
    required: present === rows.length && present > 0,
    ...(enumerated && texts.size > 0 && { domain: [...texts].sort() }),
    ...(kindThen === "vector" && length !== undefined && length >= 0 && { shape: [length] }),
  };
}

function kindOf(value: Exclude<Value, null>): ColumnKind {
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "number") return Number.isSafeInteger(value) ? "integer" : "number";
  if (typeof value === "string") return isTime(value) ? "time" : "text";
  return value instanceof Uint8Array ? "bytes" : "vector";
}

export function isTime(text: string): boolean {
  return date.test(text) && !Number.isNaN(momentOf(text));
}

/** The kind that has the values of both; `undefined` if there is none. */
function commonKind(one: ColumnKind, other: ColumnKind): ColumnKind | undefined {
  if (one === other) return one;
  const both = new Set([one, other]);
  if (both.has("integer") && both.has("number")) return "number";
  if (both.has("time") && both.has("text")) return "text";
  return undefined;
}

function mixed(name: string, row: number, kind: ColumnKind, value: Value): TenonError {
  return new TenonError("DATA_INVALID", {
    doing: "inferring the schema of rows",
    found: `in the column '${name}', which is of kind ${kind} before, row ${row} has ${describeValue(value)}`,
    fix: "Give a column values of one kind.",
    details: { column: name, row },
  });
}
