import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { bucketize, impute, oneHot, scale, standardise, vocabulary } from "../preprocessing/built-in-operations.js";
import { fit } from "../preprocessing/fit.js";
import type { ColumnOperation } from "../preprocessing/operation.js";
import type { Rows, Value } from "../vocabulary/row.js";
import type { ColumnStatistics } from "./data-statistics.js";
import { describeRows } from "./describe-rows.js";
import { compareRows } from "./drift.js";

interface Golden {
  readonly columns: Readonly<Record<string, readonly (number | string | null)[]>>;
  readonly described: Readonly<Record<string, Record<string, unknown>>>;
  readonly transformed: Readonly<Record<string, Record<string, readonly (number | null | number[])[]>>>;
  readonly imputed: Readonly<Record<string, readonly string[]>>;
  readonly drift: Readonly<Record<string, { jensenShannon: number; lInfinity: number }>>;
}

// Made by golden/make.py.
const golden = JSON.parse(readFileSync(new URL("golden/pandas.json", import.meta.url), "utf8")) as Golden;
const count = golden.columns.normal?.length ?? 0;
const rows: Rows = Array.from({ length: count }, (_, row) =>
  Object.fromEntries(Object.entries(golden.columns).map(([name, values]) => [name, values[row] as Value])),
);

function closely(actual: unknown, expected: unknown, place: string, tolerance = 1e-11): void {
  if (typeof expected === "number") {
    expect(Math.abs((actual as number) - expected), place).toBeLessThanOrEqual(
      tolerance * Math.max(1, Math.abs(expected)),
    );
  } else if (Array.isArray(expected)) {
    expect((actual as unknown[]).length, place).toBe(expected.length);
    expected.forEach((value, index) => {
      closely((actual as unknown[])[index], value, `${place}[${index}]`, tolerance);
    });
  } else expect(actual, place).toEqual(expected);
}

describe("statistics agree with pandas and NumPy, missing values and ties included", () => {
  const { columns } = describeRows(rows);
  test.each(Object.keys(golden.described))("%s", (name) => {
    const expected = golden.described[name] as Record<string, unknown>;
    const column = columns.find((one) => one.name === name) as ColumnStatistics;
    expect([column.present, column.missing]).toEqual([expected.present, expected.missing]);
    expect(column.values?.distinct).toBe(expected.distinct);
    if (expected.counts) {
      const top = column.values?.top ?? [];
      expect(Object.fromEntries(top.map(({ value, count }) => [value, count]))).toEqual(expected.counts);
      return;
    }
    const numbers = column.numbers as NonNullable<ColumnStatistics["numbers"]>;
    for (const field of ["mean", "minimum", "maximum", "zeros"] as const)
      closely(numbers[field], expected[field], field);
    closely(numbers.deviation ?? null, expected.deviation, "deviation");
    for (const [share, value] of Object.entries(expected.quantiles as object)) {
      closely(numbers.quantiles[share], value, `quantile ${share}`);
    }
    const histogram = expected.histogram as { edges: number[]; counts: number[] };
    closely(numbers.histogram.edges, histogram.edges, "edges");
    expect(numbers.histogram.counts).toEqual(histogram.counts);
  });
});

describe("preprocessing agrees with scikit-learn", () => {
  const operations: Readonly<Record<string, ColumnOperation>> = {
    standardise: standardise(),
    scale: scale(),
    "impute mean": impute("mean"),
    "impute median": impute("median"),
    "impute mostFrequent": impute("mostFrequent"),
    "quantiles 5": bucketize({ quantiles: 5 }),
    "equalWidth 5": bucketize({ equalWidth: 5 }),
    vocabulary: vocabulary(),
    oneHot: oneHot(),
  };
  const cases = Object.entries(golden.transformed).flatMap(([operation, columns]) =>
    Object.entries(columns).map(([name, expected]) => ({ operation, name, expected })),
  );
  test.each(cases)("$operation of $name", ({ operation, name, expected }) => {
    const there = rows.filter((row) => row[name] !== null);
    const fitted = fit(rows, { features: { [name]: [operations[operation] as ColumnOperation] } });
    // What imputes sees every row; of the others, the expected values leave missing ones out, or say null.
    const given = operation.startsWith("impute") ? rows : there;
    const actual = fitted.applyAll(given).map((row) => row[name]);
    // scikit-learn multiplies before it takes the minimum away, which of numbers about 1e9 leaves half of the digits.
    const tolerance = operation === "scale" && name === "large" ? 1e-6 : undefined;
    const wanted = expected.length === given.length ? expected : expected.filter((value) => value !== null);
    closely(actual, wanted, name, tolerance);
  });

  test.each(Object.entries(golden.imputed))("the most frequent of equally frequent texts of %s", (name, expected) => {
    const fitted = fit(rows, { features: { [name]: [impute("mostFrequent"), vocabulary()] } });
    const classes = fitted.state.features[0]?.operations[1]?.state.vocabulary as string[];
    expect(fitted.applyAll(rows).map((row) => classes[row[name] as number])).toEqual(expected);
  });
});

test("drift agrees with SciPy's Jensen-Shannon distance, squared", () => {
  const before = rows.slice(0, 120);
  const after = rows
    .slice(120)
    .map((row) => ({ ...row, normal: row.normal === null ? null : (row.normal as number) + 2 }));
  const { columns } = compareRows(before, after);
  for (const [name, expected] of Object.entries(golden.drift)) {
    const column = columns.find((one) => one.name === name);
    closely(column?.jensenShannon, expected.jensenShannon, name);
    closely(column?.lInfinity, expected.lInfinity, name);
  }
});
