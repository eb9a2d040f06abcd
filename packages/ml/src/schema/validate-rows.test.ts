import { expect, test } from "vitest";
import type { Rows } from "../vocabulary/row.js";
import { inferSchema } from "./infer-schema.js";
import { validateRows } from "./validate-rows.js";

const rows: Rows = [
  { id: 1, mass: 3.5, island: "Dream", at: "2024-01-02", seen: true, x: [1, 2], image: Uint8Array.of(1, 2) },
  { id: 2, mass: null, island: "Dream", at: "2024-01-02T10:00:00Z", seen: false, x: [3, 4], image: null },
  { id: 3, mass: 4, island: "Biscoe", at: "2024-01-03", seen: true, x: [5, 6], image: Uint8Array.of(3) },
  { id: 4, mass: 4, island: "Biscoe", at: "2024-01-03", seen: true, x: [5, 6], image: Uint8Array.of(3) },
];

test("a schema is inferred: kinds, what is required, domains, shapes", () => {
  expect(inferSchema(rows).columns).toEqual([
    { name: "id", kind: "integer", required: true },
    { name: "mass", kind: "number", required: false },
    { name: "island", kind: "text", required: true, domain: ["Biscoe", "Dream"] },
    { name: "at", kind: "time", required: true },
    { name: "seen", kind: "boolean", required: true },
    { name: "x", kind: "vector", required: true, shape: [2] },
    { name: "image", kind: "bytes", required: false },
  ]);
  expect(
    inferSchema([{ x: 1 }, { x: "a" }].slice(0, 1), { columns: [{ name: "x", kind: "number", minimum: 0 }] }).columns,
  ).toEqual([{ name: "x", kind: "number", required: true, minimum: 0 }]);
  expect(() => inferSchema([{ x: 1 }, { x: "a" }])).toThrow(
    expect.objectContaining({ code: "DATA_INVALID", message: expect.stringContaining("row 1") }),
  );
});

test("rows fit the schema that was inferred from them", () => {
  expect(validateRows(rows, inferSchema(rows)).anomalies).toEqual([]);
});

test.each([
  ["value missing", { island: null }, "1 row has no value"],
  ["wrong kind", { id: 1.5 }, "integer"],
  ["wrong kind", { mass: "heavy" }, '"heavy" (1)'],
  ["wrong kind", { at: "soon" }, "time"],
  ["not in domain", { island: "Elba" }, '"Elba" (1)'],
  ["out of range", { mass: -1 }, "between 0 and ∞"],
  ["wrong shape", { x: [1] }, "shape 2"],
  ["column unknown", { colour: "red" }, "says nothing"],
] as const)("%s is an anomaly, with its row", (anomaly, change, found) => {
  const schema = inferSchema(rows, { columns: [{ name: "mass", minimum: 0 }] });
  const wrong = [...rows.slice(0, 2), { ...rows[2], ...change }] as Rows;
  const { anomalies } = validateRows(wrong, schema);
  expect(anomalies).toMatchObject([{ column: Object.keys(change)[0], anomaly, rows: 1, first: [2] }]);
  expect(anomalies[0]?.found).toContain(found);
});

test("a column that is not there at all is one anomaly, if values are required", () => {
  const schema = inferSchema(rows);
  const without = rows.map(({ island: _, mass: __, ...rest }) => rest);
  expect(validateRows(without, schema).anomalies).toEqual([
    { column: "island", anomaly: "column missing", found: "no row has the column", rows: 4, first: [] },
  ]);
  expect(validateRows([{ ...rows[0], more: 1 } as Rows[number]], schema, { others: false }).anomalies).toEqual([]);
});
