import { each, json, map, pipeline, step } from "@tenon/core";
import { describe, expect, expectTypeOf, test } from "vitest";
import { testProject } from "../../test-project.js";
import type { SplitStep } from "../steps/contracts.js";
import type { Rows } from "../vocabulary/row.js";
import { rows as rowsType } from "../vocabulary/types.js";
import { apportionment } from "./shares.js";
import {
  categoryRatioSplit,
  categorySplit,
  hashSplit,
  kFold,
  momentSplit,
  randomSplit,
  stratifiedSplit,
  takeFold,
  timeSplit,
} from "./steps.js";

const table = (count: number): Rows =>
  Array.from({ length: count }, (_, id) => ({
    id,
    group: `g${id % 10}`,
    species: id % 3 === 0 ? "A" : "B",
    day: id % 7,
  }));

type Parts = Record<string, Rows>;
async function parts(split: unknown, rows: Rows, params: Record<string, unknown> = {}): Promise<Parts> {
  const { params: schema, run } = split as {
    params: { parse(value: unknown): unknown };
    run: (...given: unknown[]) => Parts;
  };
  return run({ rows }, { params: schema.parse(params) });
}
const ids = (rows: Rows | undefined) => (rows ?? []).map(({ id }) => id as number);
const sizes = (made: Parts) => Object.fromEntries(Object.entries(made).map(([name, { length }]) => [name, length]));

const seeded = {
  random: randomSplit({ train: 0.7, validation: 0.1, test: 0.2 }),
  stratified: stratifiedSplit({ train: 0.7, validation: 0.1, test: 0.2 }, { by: "species" }),
  categoryRatio: categoryRatioSplit({ train: 0.7, validation: 0.1, test: 0.2 }, { by: "group" }),
  hash: hashSplit({ train: 0.7, validation: 0.1, test: 0.2 }, { by: "id" }),
};

describe.each(Object.entries(seeded))("a %s split", (_, split) => {
  test("puts every row in one part, the same rows for the same seed, others for another", async () => {
    const rows = table(1000);
    const made = await parts(split, rows);
    expect(
      Object.values(made)
        .flatMap(ids)
        .sort((a, b) => a - b),
    ).toEqual(ids(rows));
    expect(await parts(split, rows)).toEqual(made);
    expect(await parts(split, rows, { seed: 2 })).not.toEqual(made);
    for (const [name, share] of [
      ["train", 0.7],
      ["validation", 0.1],
      ["test", 0.2],
    ] as const) {
      expect(Math.abs((made[name] as Rows).length / 1000 - share)).toBeLessThan(0.04);
    }
  });

  test("says so if a part would have no rows", async () => {
    await expect(parts(split, table(1))).rejects.toMatchObject({ code: "SPLIT_EMPTY" });
    await expect(parts(split, [])).rejects.toMatchObject({ code: "SPLIT_EMPTY" });
  });
});

describe("sizes", () => {
  test("are exact, and every row is given away", async () => {
    expect(sizes(await parts(seeded.random, table(1000)))).toEqual({ train: 700, validation: 100, test: 200 });
    expect(apportionment({ a: 1, b: 1, c: 1 })(10)).toEqual([4, 3, 3]);
    expect(apportionment({ a: 0.7, b: 0.3 })(7)).toEqual([5, 2]);
  });

  test("are the same in each category of a stratified split", async () => {
    const made = await parts(seeded.stratified, table(300));
    for (const part of Object.values(made)) {
      expect(part.filter(({ species }) => species === "A").length * 2).toBe(
        part.filter(({ species }) => species === "B").length,
      );
    }
  });

  test("are kept by a stratified split where each category has one row", async () => {
    const rows = Array.from({ length: 100 }, (_, id) => ({ id, species: `s${id}` }));
    expect(sizes(await parts(seeded.stratified, rows))).toEqual({ train: 70, validation: 10, test: 20 });
  });

  test("can be said anew as a parameter", async () => {
    const made = await parts(seeded.random, table(10), { shares: { train: 5, validation: 3, test: 2 } });
    expect(sizes(made)).toEqual({ train: 5, validation: 3, test: 2 });
  });

  test("that are not above 0, one share alone, or no column are refused where the split is written", () => {
    const refused = expect.objectContaining({ code: "PARAMETER_INVALID" });
    for (const shares of [{ all: 1 }, {}, undefined, { train: -1, test: 1 }, { train: "0.8", test: "0.2" }]) {
      expect(() => randomSplit(shares as never)).toThrow(refused);
    }
    for (const options of [undefined, {}, { by: [] }]) {
      expect(() => hashSplit({ train: 1, test: 1 }, options as never)).toThrow(refused);
    }
    const byColumn: readonly unknown[] = [stratifiedSplit, categoryRatioSplit, timeSplit, categorySplit, momentSplit];
    for (const define of byColumn as ((...given: unknown[]) => unknown)[]) {
      expect(() => define({ train: 1, test: 1 }, {})).toThrow(refused);
    }
  });

  test("and seeds and folds that are given where the split is written are held against its parameters", async () => {
    await expect(parts(kFold(1), table(4))).rejects.toThrow("Too small");
    await expect(parts(kFold("5" as never), table(10))).rejects.toThrow("expected number, received string");
    await expect(parts(randomSplit({ a: 1, b: 1 }, { seed: 1.5 }), table(4))).rejects.toThrow("expected int");
  });
});

test("a split by hash leaves every row where it was when others are added", async () => {
  const before = await parts(seeded.hash, table(200));
  const after = await parts(seeded.hash, table(1000));
  for (const name of ["train", "validation", "test"]) {
    const known = ids(after[name]).filter((id) => id < 200);
    expect(known).toEqual(ids(before[name]));
  }
});

test("a split by the ratio of categories tears none apart", async () => {
  const made = await parts(seeded.categoryRatio, table(100));
  const groups = Object.values(made).map((part) => new Set(part.map(({ group }) => group)));
  expect(groups.map(({ size }) => size)).toEqual([7, 1, 2]);
});

test("a split by categories puts them where it was said, and asks about others", async () => {
  const rows = table(9);
  const strict = categorySplit({ train: ["A"], test: ["B"] }, { by: "species" });
  expect((await parts(strict, rows)).train?.every(({ species }) => species === "A")).toBe(true);
  await expect(parts(strict, [...rows, { species: "C" }])).rejects.toMatchObject({ code: "DATA_CATEGORY_UNKNOWN" });
  const open = categorySplit({ train: ["A"] }, { by: "species", others: "test" });
  expect(sizes(await parts(open, [...rows, { species: "C" }]))).toEqual({ train: 3, test: 7 });
  const dropping = categorySplit({ train: ["A"] }, { by: "species", others: "drop" });
  expect(sizes(await parts(dropping, rows))).toEqual({ train: 3 });
  await expect(parts(strict, [{ id: 1 }])).rejects.toMatchObject({ code: "DATA_COLUMN_MISSING" });
});

test("a split by time keeps the order, and rows of one moment together", async () => {
  const split = timeSplit({ train: 0.5, test: 0.5 }, { by: "day" });
  const made = await parts(split, table(14));
  expect(Math.max(...(made.train as Rows).map(({ day }) => day as number))).toBe(3);
  expect(Math.min(...(made.test as Rows).map(({ day }) => day as number))).toBe(4);
  const days = ["2024-03-01", "2024-01-01", "2024-02-01T10:00:00Z"].map((at) => ({ at }));
  const until = momentSplit({ train: "2024-02-01", test: null }, { by: "at" });
  expect(await parts(until, days)).toEqual({ train: [days[1]], test: [days[0], days[2]] });
  await expect(parts(until, [{ at: "soon" }])).rejects.toMatchObject({ code: "DATA_INVALID" });
  await expect(parts(momentSplit({ b: "2024-02-01", a: "2024-01-01" }, { by: "at" }), days)).rejects.toMatchObject({
    code: "PARAMETER_INVALID",
  });
});

test("a time without a zone is in UTC, wherever the rows are split", async () => {
  const rows = ["2024-01-31T23:30", "2024-02-01 00:30", "2024-02-01T00:00:00Z"].map((at) => ({ at }));
  const zone = process.env.TZ;
  try {
    for (const other of ["America/New_York", "Asia/Tokyo"]) {
      process.env.TZ = other;
      const until = momentSplit({ train: "2024-02-01T00:00", test: null }, { by: "at" });
      expect(await parts(until, rows)).toEqual({ train: [rows[0]], test: [rows[1], rows[2]] });
    }
  } finally {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  }
});

test("a split into train and test has the interface of one", () => {
  expectTypeOf(seeded.random).toExtend<SplitStep>();
  expectTypeOf(categorySplit({ train: ["A"] }, { by: "species", others: "test" })).toExtend<SplitStep>();
  expectTypeOf(randomSplit({ learn: 1, test: 1 })).not.toExtend<SplitStep>();
});

const make = step({ name: "make", output: rowsType, run: () => table(10) });
const folds = kFold(5, { by: "species" });
const count = step({
  name: "count",
  inputs: { train: rowsType, test: rowsType },
  output: json,
  run: ({ train, test }) => [train.length, ...ids(test)],
});
const { random } = seeded;
const counting = pipeline("counting", () => {
  const rows = make();
  const parts = map(takeFold, { rows, fold: each(folds({ rows })) });
  const { validation } = random({ rows });
  return { counts: map(count, { train: each(parts.train), test: each(parts.test) }), validation };
});

test("folds run in a pipeline: each row is held out once", async () => {
  await using project = testProject();
  const { outputs } = await project.run(counting);
  const counts = (await outputs.counts.load()) as number[][];
  expect(counts.map(([train]) => train)).toEqual([8, 8, 8, 8, 8]);
  expect(counts.flatMap(([, ...test]) => test).sort((a, b) => a - b)).toEqual(ids(table(10)));
  expect((await outputs.validation.artifact).metadata).toMatchObject({ rows: 1 });
  await expect(parts(kFold(5), table(3))).rejects.toMatchObject({ code: "SPLIT_EMPTY" });
});
