import { type ArtifactType, artifactType, TenonError } from "@tenon/core";
import { inferSchema } from "../schema/infer-schema.js";
import type { ColumnKind, DataSchema } from "../vocabulary/data-schema.js";
import { momentOf } from "../vocabulary/moment.js";
import { describeValue, isMissing, type Rows, type Value } from "../vocabulary/row.js";
import { ascending, quantile } from "./quantile.js";

/** How differently a column is distributed in two tables. */
export interface ColumnDrift {
  readonly name: string;
  readonly kind: ColumnKind;
  /** From 0, equal, to 1, nothing in common. Absent if the column is empty in either table. */
  readonly jensenShannon?: number;
  /** The greatest difference of one bucket's or category's share, from 0 to 1. */
  readonly lInfinity?: number;
  /** The measure that is judged, by default `jensenShannon` of numbers and `lInfinity` of categories, above its threshold. */
  readonly drifted: boolean;
  readonly threshold: number;
  readonly missing: { readonly before: number; readonly after: number };
  /** The shares of buckets or categories, those that changed most first for categories. */
  readonly shares: readonly { readonly name: string; readonly before: number; readonly after: number }[];
  /** Categories that only one of the tables has. */
  readonly appeared: readonly string[];
  readonly vanished: readonly string[];
}

export interface Drift {
  readonly rows: { readonly before: number; readonly after: number };
  readonly columns: readonly ColumnDrift[];
}

/** How two tables differ in their distributions, with a page that shows it. */
export const drift: ArtifactType<Drift> = artifactType("ml/Drift");

export interface DriftOptions {
  /** What counts as drift, for all columns or by name; by default 0.1. */
  readonly threshold?: number;
  readonly thresholds?: Readonly<Record<string, number>>;
  /** By default what the earlier rows show. */
  readonly schema?: DataSchema;
}

const buckets = 10;
const shownCategories = 20;

/**
 * How the distributions of columns differ between two tables. Numbers are compared in the ten buckets that are equally full in the
 * earlier table; texts and truth values by category. Missing values are counted apart. Bytes and vectors are left out.
 *
 * @throws `DATA_INVALID` if a column of numbers or times has another value in either table
 * @see J. Lin, "Divergence measures based on the Shannon entropy", IEEE Transactions on Information Theory 37 (1991), with logarithms
 * to the base 2, so that it is 1 at most
 * @see E. Breck et al., "Data validation for machine learning", MLSys 2019, for the distance L∞ of categories
 */
export function compareRows(before: Rows, after: Rows, options: DriftOptions = {}): Drift {
  const { columns } = options.schema ?? inferSchema(before);
  return {
    rows: { before: before.length, after: after.length },
    columns: columns
      .filter(({ kind }) => kind !== "bytes" && kind !== "vector")
      .map(({ name, kind }) => compareColumn(name, kind, valuesOf(before, name), valuesOf(after, name), options)),
  };
}

interface ColumnValues {
  readonly present: readonly Exclude<Value, null>[];
  readonly missing: number;
}

function compareColumn(
  name: string,
  kind: ColumnKind,
  before: ColumnValues,
  after: ColumnValues,
  { threshold: common = 0.1, thresholds = {} }: DriftOptions,
): ColumnDrift {
  const threshold = thresholds[name] ?? common;
  const facts = { name, kind, threshold, missing: { before: before.missing, after: after.missing } };
  if (before.present.length === 0 || after.present.length === 0) {
    const drifted = before.present.length !== after.present.length;
    return { ...facts, drifted, shares: [], appeared: [], vanished: [] };
  }
  const numeric = kind === "number" || kind === "integer" || kind === "time";
  const [first, second] = numeric
    ? countedInBuckets(numbersOf(before, name, kind), numbersOf(after, name, kind), kind === "time" ? inTime : short)
    : [counted(before.present, String), counted(after.present, String)];
  const names = [...new Set([...first.keys(), ...second.keys()])];
  const shares = names.map((one) => ({
    name: one,
    before: (first.get(one) ?? 0) / before.present.length,
    after: (second.get(one) ?? 0) / after.present.length,
  }));
  const jensenShannon = divergence(shares);
  const lInfinity = shares.reduce((most, share) => Math.max(most, Math.abs(share.before - share.after)), 0);
  return {
    ...facts,
    jensenShannon,
    lInfinity,
    drifted: (numeric ? jensenShannon : lInfinity) > threshold,
    shares: numeric ? inPlace(shares) : mostChanged(shares),
    appeared: numeric ? [] : names.filter((one) => !first.has(one)).slice(0, shownCategories),
    vanished: numeric ? [] : names.filter((one) => !second.has(one)).slice(0, shownCategories),
  };
}

type Share = ColumnDrift["shares"][number];

/** The Jensen-Shannon divergence, to the base 2. */
function divergence(shares: readonly Share[]): number {
  const part = (p: number, middle: number) => (p === 0 ? 0 : p * Math.log2(p / middle));
  const total = shares.reduce((sum, { before, after }) => {
    const middle = (before + after) / 2;
    return sum + part(before, middle) / 2 + part(after, middle) / 2;
  }, 0);
  return Math.min(1, Math.max(0, total));
}

/** How many numbers of two tables are in each bucket of the first. */
function countedInBuckets(before: readonly number[], after: readonly number[], text: (edge: number) => string) {
  const place = bucketing(before, text);
  return [counted(before, place), counted(after, place)] as const;
}

/** The bucket of a number among those that are equally full of the given ones; what lies outside is in the outermost. */
function bucketing(numbers: readonly number[], text: (edge: number) => string): (number: number) => string {
  const sorted = ascending(numbers);
  const all = Array.from({ length: buckets - 1 }, (_, index) => quantile(sorted, (index + 1) / buckets));
  const edges = all.filter((edge, index) => index === 0 || edge > (all[index - 1] as number));
  const side = (edge: number | undefined) => (edge === undefined ? "…" : text(edge));
  const labels = [...edges, undefined].map((to, index) => {
    return `${String(index).padStart(2, "0")}|${side(edges[index - 1])} – ${side(to)}`;
  });
  return (number) => {
    const above = edges.findIndex((edge) => number < edge);
    return labels[above < 0 ? edges.length : above] as string;
  };
}

const short = (value: number): string => String(Number(value.toPrecision(6)));
const inTime = (value: number): string => new Date(value).toISOString();

/** Buckets in their order; the number that a label begins with has served. */
function inPlace(shares: readonly Share[]): Share[] {
  return [...shares]
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map((share) => ({ ...share, name: share.name.slice(3) }));
}

function mostChanged(shares: readonly Share[]): Share[] {
  const change = ({ before, after }: Share) => Math.abs(before - after);
  return [...shares].sort((one, other) => change(other) - change(one)).slice(0, shownCategories);
}

function counted<T>(values: readonly T[], place: (value: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) {
    const name = place(value);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

function valuesOf(rows: Rows, name: string): ColumnValues {
  const present = rows.map((row) => row[name]).filter((value) => !isMissing(value));
  return { present, missing: rows.length - present.length };
}

function numbersOf({ present }: ColumnValues, column: string, kind: ColumnKind): readonly number[] {
  return present.map((value) => {
    const number = kind === "time" && typeof value === "string" ? momentOf(value) : value;
    if (typeof number === "number" && !Number.isNaN(number)) return number;
    throw new TenonError("DATA_INVALID", {
      doing: `comparing the column '${column}' of two tables`,
      found: `it is of kind ${kind}, and one of its values is ${describeValue(value)}`,
      fix: "Mend the data, or say another kind of the column in the schema.",
      details: { column },
    });
  });
}
