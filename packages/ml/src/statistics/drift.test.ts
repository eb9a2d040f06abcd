import { expect, test } from "vitest";
import { compareRows } from "./drift.js";

const table = (values: readonly (number | string | null)[]) => values.map((x) => ({ x }));
const numbers = Array.from({ length: 100 }, (_, index) => index);

test("equal tables do not drift, and ones with nothing in common have drifted as far as can be", () => {
  expect(compareRows(table(numbers), table(numbers)).columns[0]).toMatchObject({
    jensenShannon: 0,
    lInfinity: 0,
    drifted: false,
  });
  const apart = compareRows(table(["a", "b"]), table(["c", "c"])).columns[0];
  expect(apart).toMatchObject({ jensenShannon: 1, lInfinity: 1, drifted: true, appeared: ["c"], vanished: ["a", "b"] });
});

test("numbers below and above all that was there before are in the outermost buckets", () => {
  const after = numbers.map((value) => value + 1000);
  const column = compareRows(table(numbers), table(after)).columns[0];
  expect(column?.shares.at(-1)).toMatchObject({ before: 0.1, after: 1 });
  expect(column?.drifted).toBe(true);
});

test("a threshold can be said for a column, and missing values are counted apart", () => {
  const after = table([...numbers.map((value) => value * 1.2), null]);
  expect(compareRows(table(numbers), after, { thresholds: { x: 0.5 } }).columns[0]).toMatchObject({
    drifted: false,
    threshold: 0.5,
    missing: { before: 0, after: 1 },
  });
  expect(compareRows(table(numbers), table([null, null])).columns[0]).toMatchObject({ drifted: true, shares: [] });
});

test("a text among numbers, or one that is no time among times, is an error that names the column", () => {
  const wrong = { code: "DATA_INVALID", message: expect.stringContaining("the text 'n/a'") };
  expect(() => compareRows(table(numbers), table([1, "n/a"]))).toThrow(expect.objectContaining(wrong));
  const schema = { columns: [{ name: "x", kind: "time", required: true }] } as const;
  expect(() => compareRows(table(["n/a"]), table(["2024-01-01"]), { schema })).toThrow(expect.objectContaining(wrong));
});
