import { expect, test } from "vitest";
import { plainRow } from "./plain-value.js";

test("a list of great integers is refused where numbers would round them", () => {
  const row = (ids: unknown) => plainRow({ ids }, 0, "birds.parquet");
  expect(row(BigInt64Array.of(1n, -2n))).toEqual({ ids: [1, -2] });
  expect(row([2n ** 53n - 1n])).toEqual({ ids: [2 ** 53 - 1] });
  expect(() => row([1n, 2n ** 53n + 1n])).toThrow(expect.objectContaining({ code: "DATA_UNREADABLE" }));
});
