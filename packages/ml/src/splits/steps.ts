import { type Handle, type Handles, type Step, type StepOptions, step, TenonError } from "@tenon/core";
import { z } from "zod";
import type { Rows, RowsInput, Splits } from "../vocabulary/row.js";
import { rows } from "../vocabulary/types.js";
import { type Fold, foldRows } from "./folds.js";
import { checkShares, type Shares } from "./shares.js";
import {
  type Domains,
  splitAtRandom,
  splitAtTimes,
  splitByCategory,
  splitByCategoryRatio,
  splitByHash,
  splitByTime,
  splitStratified,
} from "./split-rows.js";

/** How the step runs; its `name` is `split` by default. Equal seeds give equal parts; the step's parameter `seed` is another one. */
export type SplitOptions = StepOptions & { readonly name?: string };
export type SeededSplitOptions = SplitOptions & { readonly seed?: number };

type Parts<Name extends string> = Handles<Record<Name, Rows>>;
type Shared<S> = { readonly shares?: { readonly [K in keyof S]: number } };
type Seeded = { readonly seed?: number };

/** What every function of this file says of what it makes. */
type SplitOf<Name extends string, Parameters> = Step<RowsInput, Parameters, Parts<Name>>;

/**
 * Parts by chance, of exact sizes. Call it, as all the others, at the top level of a module; the names are the step's outputs.
 *
 * @throws `PARAMETER_INVALID` for shares that are not above 0, here as in the others
 * @example const split = randomSplit({ train: 0.8, test: 0.2 }, { seed: 7 });
 */
export function randomSplit<const S extends Shares>(
  shares: S,
  options: SeededSplitOptions = {},
): SplitOf<keyof S & string, Shared<S> & Seeded> {
  const { seed = 1, ...settings } = options;
  const params = z.object({ ...sharesOf(shares), ...seedOf(seed) });
  return define(settings, params, Object.keys(shares), (given, params) => splitAtRandom(given, params));
}

/** By chance, but with the same share of every category of the column `by` in each part. */
export function stratifiedSplit<const S extends Shares>(
  shares: S,
  options: SeededSplitOptions & { readonly by: string },
): SplitOf<keyof S & string, Shared<S> & Seeded> {
  return bySeed(shares, options, splitStratified);
}

/** By whole categories of the column `by`: each part gets its share of them, and all rows of one are in one part. */
export function categoryRatioSplit<const S extends Shares>(
  shares: S,
  options: SeededSplitOptions & { readonly by: string },
): SplitOf<keyof S & string, Shared<S> & Seeded> {
  return bySeed(shares, options, splitByCategoryRatio);
}

/**
 * Every category of the column `by` in the part that names it.
 *
 * @param options.others the part of all categories that no part names, or `drop`; by default they are `DATA_CATEGORY_UNKNOWN`
 * @example const split = categorySplit({ train: ["Biscoe", "Dream"], test: ["Torgersen"] }, { by: "Island" });
 */
export function categorySplit<const D extends Domains, const Others extends string = never>(
  parts: D,
  options: SplitOptions & { readonly by: string; readonly others?: Others },
): SplitOf<(keyof D & string) | Exclude<Others, "drop">, Record<never, never>> {
  const { by, others, ...settings } = withColumn(options);
  const more = others === undefined || others === "drop" || others in parts ? [] : [others];
  const place = { parts, by, ...(others !== undefined && { others }) };
  return define(settings, z.object({}), [...Object.keys(parts), ...more], (given) => splitByCategory(given, place));
}

/** In the order of the times, or numbers, in the column `by`, the earliest in the first part; equal ones are not torn apart. */
export function timeSplit<const S extends Shares>(
  shares: S,
  options: SplitOptions & { readonly by: string },
): SplitOf<keyof S & string, Shared<S>> {
  const { by, ...settings } = withColumn(options);
  const params = z.object(sharesOf(shares));
  return define(settings, params, Object.keys(shares), (given, params) => splitByTime(given, { ...params, by }));
}

/**
 * Before and after moments of the column `by`: each part ends, exclusively, at the time that is said; `null` has no end.
 *
 * @example const split = momentSplit({ train: "2024-01-01", test: null }, { by: "measured" });
 */
export function momentSplit<const U extends Readonly<Record<string, string | null>>>(
  until: U,
  options: SplitOptions & { readonly by: string },
): SplitOf<keyof U & string, Record<never, never>> {
  const { by, ...settings } = withColumn(options);
  return define(settings, z.object({}), Object.keys(until), (given) => splitAtTimes(given, { until, by }));
}

/** By a hash of the columns `by`: a row stays in its part when others are added. The sizes are about right. */
export function hashSplit<const S extends Shares>(
  shares: S,
  options: SeededSplitOptions & { readonly by: string | readonly string[] },
): SplitOf<keyof S & string, Shared<S> & Seeded> {
  return bySeed(shares, options, splitByHash);
}

/**
 * So many folds, as lists of row numbers: `map(takeFold, { rows, fold: each(folds) })` makes rows of them.
 *
 * @param options.by a column of which every category has the same share in each fold
 */
export function kFold(
  folds: number,
  options: SeededSplitOptions & { readonly by?: string } = {},
): Step<RowsInput, Seeded & { readonly folds?: number }, Handle<Fold[]>> {
  const { seed = 1, by, name = "folds", ...settings } = options;
  return step({
    ...settings,
    name,
    params: z.object({ folds: z.int().min(2).prefault(folds), ...seedOf(seed) }),
    inputs: { rows },
    run: ({ rows }, { params }) => [...foldRows(rows, { ...params, ...(by !== undefined && { by }) })],
  });
}

/** The rows of one fold. */
export const takeFold: Step<
  RowsInput & { readonly fold: Fold },
  Record<never, never>,
  Handles<{ readonly train: Rows; readonly test: Rows }>
> = step({
  name: "takeFold",
  inputs: { rows, fold: z.object({ train: z.array(z.int()).readonly(), test: z.array(z.int()).readonly() }) },
  outputs: { train: rows, test: rows },
  run({ rows, fold }) {
    const take = (places: readonly number[]) => places.map((place) => rows[place] as Rows[number]);
    return { train: take(fold.train), test: take(fold.test) };
  },
});

/** By shares, a seed, and what is said of the rows besides. */
function bySeed<S extends Shares, By>(
  shares: S,
  options: SeededSplitOptions & { readonly by: By },
  split: (rows: Rows, given: { readonly shares: Shares; readonly seed: number; readonly by: By }) => Splits,
): SplitOf<keyof S & string, Shared<S> & Seeded> {
  const { seed = 1, by, ...settings } = withColumn(options);
  const params = z.object({ ...sharesOf(shares), ...seedOf(seed) });
  return define(settings, params, Object.keys(shares), (given, params) => split(given, { ...params, by }));
}

/** In a program without types the column may be left out. @throws `PARAMETER_INVALID` */
function withColumn<Options extends { readonly by: unknown }>(options: Options): Options {
  const columns = [(options as Partial<Options> | undefined)?.by].flat();
  if (columns.length > 0 && columns.every((name) => typeof name === "string")) return options;
  throw new TenonError("PARAMETER_INVALID", {
    doing: "defining a split",
    found: "it does not say by which column",
    fix: 'Name it: { by: "Species" }.',
  });
}

function sharesOf(shares: Shares) {
  checkShares(shares);
  const fields = Object.fromEntries(Object.keys(shares).map((name) => [name, z.number().positive()]));
  return { shares: z.object(fields).prefault({ ...shares }) };
}

function seedOf(seed: number) {
  return { seed: z.int().prefault(seed) };
}

function define<Schema extends z.ZodObject, Name extends string, Parameters>(
  { name = "split", ...settings }: SplitOptions,
  params: Schema,
  names: readonly string[],
  split: (rows: Rows, params: z.output<Schema>) => Splits,
): SplitOf<Name, Parameters> {
  return step({
    ...settings,
    name,
    params,
    inputs: { rows },
    outputs: Object.fromEntries(names.map((part) => [part, rows])),
    run({ rows }, { params, metadata }) {
      const parts = split(rows, params as z.output<Schema>);
      metadata(Object.fromEntries(Object.entries(parts).map(([part, { length }]) => [part, { rows: length }])));
      return parts;
    },
  }) as never;
}
