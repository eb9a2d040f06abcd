import assert from "node:assert/strict";
import { test } from "vitest";
import { ArtifactVault } from "../artifacts/artifact-vault.js";
import { builtInSource } from "../artifacts/built-in-source.js";
import type { ArtifactType } from "../contracts/artifact-type.js";
import { MemoryArtifactStore } from "../testing/memory-artifact-store.js";
import type { Columns } from "./columns.js";
import { columns, json, table } from "./types.js";

const vault = new ArtifactVault({ store: new MemoryArtifactStore(), materializers: builtInSource(), root: "test" });

async function seenAs<T>(value: unknown, type: ArtifactType<unknown>, as: ArtifactType<T>): Promise<T> {
  const saved = await vault.save(value, { type: type.name, location: vault.location("t") });
  return (await vault.load(saved, { as })) as T;
}

const missing = Number.NaN;

test("rows are read as columns: numbers as typed arrays, everything else as arrays", async () => {
  const rows = [
    { mass: 3750, species: "Adelie", tagged: true },
    { mass: 3800.5, species: "Gentoo", tagged: false },
  ];
  assert.deepEqual(await seenAs(rows, table, columns), {
    rows: 2,
    columns: { mass: Float64Array.of(3750, 3800.5), species: ["Adelie", "Gentoo"], tagged: [true, false] },
  });
});

test("what is null and what is not there are both missing, wherever they stand", async () => {
  const rows = [{ a: null, b: "x" }, {}, { a: 1, c: null, late: 7 }, { a: null, b: null }, { a: 2, b: "y" }, {}];
  const { columns: found, rows: count } = await seenAs(rows, table, columns);
  assert.equal(count, 6);
  assert.deepEqual(found.a, Float64Array.of(missing, missing, 1, missing, 2, missing));
  assert.deepEqual(found.b, ["x", null, null, null, "y", null]);
  assert.deepEqual(found.c, [null, null, null, null, null, null]);
  assert.deepEqual(found.late, Float64Array.of(missing, missing, 7, missing, missing, missing));
});

test("a column that turns out to hold more than numbers is an array, with the numbers that came before", async () => {
  const { columns: found } = await seenAs([{ a: 1 }, {}, { a: "two" }, { a: 3 }], table, columns);
  assert.deepEqual(found.a, [1, null, "two", 3]);
});

test("a long column, of which the first values are missing, is read whole", async () => {
  const rows = Array.from({ length: 10_000 }, (_, row) => (row < 5_000 ? { n: row } : { n: row, late: row / 2 }));
  const { columns: found } = await seenAs(rows, table, columns);
  assert.deepEqual(found.n, Float64Array.from(rows.keys()));
  assert.equal((found.late as Float64Array).filter(Number.isNaN).length, 5_000);
  assert.equal(found.late?.[9_999], 4999.5);
});

test("columns are read as rows, with null for what is missing", async () => {
  const value: Columns = { rows: 2, columns: { x: Float64Array.of(1, missing), name: [null, "b"] } };
  assert.deepEqual(await seenAs(value, columns, table), [
    { x: 1, name: null },
    { x: null, name: "b" },
  ]);
});

test("a list of objects that was stored as json is a table as well, and anything else is refused", async () => {
  const rows = [{ a: 1 }, { a: null }];
  assert.deepEqual(await seenAs(rows, json, table), rows);
  assert.deepEqual((await seenAs(rows, json, columns)).columns, { a: Float64Array.of(1, missing) });
  await assert.rejects(seenAs({ a: 1 }, json, columns), { code: "ARTIFACT_FORMAT_UNREADABLE" });
  await assert.rejects(seenAs([1], json, table), { code: "ARTIFACT_FORMAT_UNREADABLE" });
});

test("a column may have any name", async () => {
  const rows = [JSON.parse('{"__proto__": 1, "constructor": "x"}')];
  const { columns: found } = await seenAs(rows, table, columns);
  assert.deepEqual(Object.entries(found), [
    ["__proto__", Float64Array.of(1)],
    ["constructor", ["x"]],
  ]);
});
