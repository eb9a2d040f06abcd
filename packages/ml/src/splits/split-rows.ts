import { TenonError } from "@tenon/core";
import { momentOf } from "../vocabulary/moment.js";
import type { Row, Rows, Splits } from "../vocabulary/row.js";
import { noRows } from "./no-rows.js";
import { hashShare, randomNumbers, shuffled } from "./random.js";
import { categoriesOf, keyOf, momentsOf } from "./row-keys.js";
import { apportionment, checkShares, cut, partAt, type Shares } from "./shares.js";

/** Rows in the order in which they came, whatever way they were chosen. */
type Parts = Readonly<Record<string, readonly number[]>>;

/** Each row by chance; the sizes of the parts are exact. */
export function splitAtRandom(
  rows: Rows,
  { shares, seed }: { readonly shares: Shares; readonly seed: number },
): Splits {
  checkShares(shares);
  return partsOf(rows, cut(shuffled([...rows.keys()], randomNumbers(seed)), shares));
}

/** By chance, but so that every category has the same share in every part, as nearly as its rows can be divided. */
export function splitStratified(
  rows: Rows,
  { shares, by, seed }: { readonly shares: Shares; readonly by: string; readonly seed: number },
): Splits {
  checkShares(shares);
  const random = randomNumbers(seed);
  const apportion = apportionment(shares);
  const parts: Record<string, number[]> = Object.fromEntries(Object.keys(shares).map((name) => [name, []]));
  for (const [, members] of categoriesOf(rows, by)) {
    for (const [name, some] of Object.entries(cut(shuffled(members, random), shares, apportion)))
      parts[name]?.push(...some);
  }
  return partsOf(rows, parts);
}

/** Whole categories by chance: all rows of one customer are in one part. The shares are those of the categories. */
export function splitByCategoryRatio(
  rows: Rows,
  { shares, by, seed }: { readonly shares: Shares; readonly by: string; readonly seed: number },
): Splits {
  checkShares(shares);
  const parts = cut(shuffled([...categoriesOf(rows, by)], randomNumbers(seed)), shares);
  return partsOf(
    rows,
    Object.fromEntries(Object.entries(parts).map(([name, some]) => [name, some.flatMap(([, members]) => members)])),
  );
}

export type Domains = Readonly<Record<string, readonly (string | number | boolean)[]>>;

/** Each category where it is said that it goes. @throws `DATA_CATEGORY_UNKNOWN` for one of which nothing is said */
export function splitByCategory(
  rows: Rows,
  { parts: domains, by, others }: { readonly parts: Domains; readonly by: string; readonly others?: string },
): Splits {
  const partOf = new Map(
    Object.entries(domains).flatMap(([name, values]) => values.map((value) => [String(value), name])),
  );
  const names = [...new Set([...Object.keys(domains), ...(others === undefined || others === "drop" ? [] : [others])])];
  const parts: Record<string, number[]> = Object.fromEntries(names.map((name) => [name, []]));
  for (const [category, members] of categoriesOf(rows, by)) {
    const name = partOf.get(category) ?? others;
    if (name === undefined) throw unplaced(category, by, partOf);
    parts[name]?.push(...members);
  }
  return partsOf(rows, parts);
}

/** In the order of time, the earliest rows first. Rows of one moment are never torn apart. */
export function splitByTime(rows: Rows, { shares, by }: { readonly shares: Shares; readonly by: string }): Splits {
  checkShares(shares);
  const moments = momentsOf(rows, by);
  const order = [...rows.keys()].sort((a, b) => (moments[a] as number) - (moments[b] as number) || a - b);
  const parts: Record<string, number[]> = {};
  const names = Object.keys(shares);
  const sizes = apportionment(shares)(rows.length);
  let [start, wanted] = [0, 0];
  for (const [index, name] of names.entries()) {
    wanted += sizes[index] as number;
    let end = index === names.length - 1 ? order.length : Math.max(start, wanted);
    const moment = (place: number) => moments[order[place] as number];
    while (end > start && end < order.length && moment(end) === moment(end - 1)) end += 1;
    parts[name] = order.slice(start, end);
    start = end;
  }
  return partsOf(rows, parts);
}

/**
 * Rows before each moment, in the order of the parts: `{ train: "2024-01-01", test: null }`, where `null` is the part of all that
 * come later.
 */
export function splitAtTimes(
  rows: Rows,
  { until, by }: { readonly until: Readonly<Record<string, string | null>>; readonly by: string },
): Splits {
  const ends = Object.entries(until).map(([name, end]) => ({
    name,
    end: end === null ? Number.POSITIVE_INFINITY : momentOf(end),
  }));
  const wrong = ends.find(({ end }, index) => !(end > (ends[index - 1]?.end ?? Number.NEGATIVE_INFINITY)));
  if (wrong) {
    throw new TenonError("PARAMETER_INVALID", {
      doing: "reading the moments of a split by time",
      found: `that of '${wrong.name}', ${String(until[wrong.name])}, is no time after the one before`,
      fix: "Write times in ISO 8601 in rising order, and null for the last part.",
    });
  }
  const parts: Record<string, number[]> = Object.fromEntries(ends.map(({ name }) => [name, []]));
  for (const [row, moment] of momentsOf(rows, by).entries()) {
    const part = ends.find(({ end }) => moment < end);
    if (part) parts[part.name]?.push(row);
  }
  return partsOf(rows, parts);
}

/** By a hash of a key: a row stays in its part whatever rows are added or removed. The sizes are about right. */
export function splitByHash(
  rows: Rows,
  { shares, by, seed }: { readonly shares: Shares; readonly by: string | readonly string[]; readonly seed: number },
): Splits {
  checkShares(shares);
  const keys = typeof by === "string" ? [by] : by;
  const parts: Record<string, number[]> = Object.fromEntries(Object.keys(shares).map((name) => [name, []]));
  for (const [index, row] of rows.entries()) {
    const key = keys.map((name) => keyOf(row, name, index));
    parts[partAt(hashShare(JSON.stringify([seed, ...key])), shares)]?.push(index);
  }
  return partsOf(rows, parts);
}

/** @throws `SPLIT_EMPTY` */
function partsOf(rows: Rows, parts: Parts): Splits {
  return Object.fromEntries(
    Object.entries(parts).map(([name, members]) => {
      if (members.length === 0) throw noRows(`the part '${name}'`, rows.length);
      return [name, [...members].sort((a, b) => a - b).map((index) => rows[index] as Row)];
    }),
  );
}

function unplaced(category: string, by: string, known: ReadonlyMap<string, string>): TenonError {
  return new TenonError("DATA_CATEGORY_UNKNOWN", {
    doing: `splitting rows by the column '${by}'`,
    found: `'${category}' is in no part; placed are ${[...known.keys()].join(", ")}`,
    fix: "Name it in a part, or say where all others go: others: 'test', or others: 'drop'.",
    details: { column: by, category },
  });
}
