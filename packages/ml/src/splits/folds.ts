import type { Rows } from "../vocabulary/row.js";
import { noRows } from "./no-rows.js";
import { randomNumbers, shuffled } from "./random.js";
import { categoriesOf } from "./row-keys.js";

export interface Fold {
  /** Rows to learn from, by their index, and rows held out: each row of the table in one fold. */
  readonly train: readonly number[];
  readonly test: readonly number[];
}

/** As many ways to hold out a part as there are folds. With `by`, every category has the same share in each. @throws `SPLIT_EMPTY` */
export function foldRows(
  rows: Rows,
  { folds, by, seed }: { readonly folds: number; readonly by?: string; readonly seed: number },
): readonly Fold[] {
  const random = randomNumbers(seed);
  const groups = by === undefined ? [[...rows.keys()]] : [...categoriesOf(rows, by)].map(([, members]) => members);
  const order = groups.flatMap((members) => shuffled(members, random));
  const held = Array.from({ length: folds }, (_, fold) => order.filter((_, place) => place % folds === fold));
  const empty = held.findIndex((part) => part.length === 0);
  if (empty >= 0) throw noRows(`fold ${empty + 1} of ${folds}`, rows.length);
  return held.map((test) => {
    const out = new Set(test);
    return { train: [...rows.keys()].filter((row) => !out.has(row)), test: test.sort((a, b) => a - b) };
  });
}
