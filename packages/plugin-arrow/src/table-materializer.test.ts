import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { testMaterializer } from "@tenon/core/testing";
import {
  Dictionary,
  Field,
  Int32,
  List,
  makeVector,
  Struct,
  Table,
  tableFromArrays,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { test } from "vitest";
import { arrowOfColumns } from "./arrow-of-columns.js";
import { materializer } from "./table-materializer.js";

function samples(): Table[] {
  const texts = vectorFromArray(["Adelie", null, "Gentoo"]); // a dictionary
  return [
    tableFromArrays({ x: Float64Array.of(1.5, Number.NaN, -0), n: Int32Array.of(1, 2, 3) }),
    new Table({ name: texts, big: makeVector(BigInt64Array.of(1n, -1n, 0n)) }),
    new Table({ tags: vectorFromArray([["a", "b"], null, ["b"]], new List(new Field("item", inWords(), true))) }),
    new Table({ s: vectorFromArray([{ a: "x" }, { a: "y" }], new Struct([new Field("a", inWords(), true)])) }),
    tableFromArrays({ x: Float32Array.from({ length: 300_000 }, (_, row) => row / 3) }),
    new Table(
      tableFromArrays({ x: Int8Array.of(1, 2) }).batches.concat(tableFromArrays({ x: Int8Array.of(3) }).batches),
    ),
    arrowOfColumns({ rows: 0, columns: { x: new Float64Array(), nothing: [] } }),
    arrowOfColumns({ rows: 2, columns: {} }),
  ];
}

const inWords = () => new Dictionary(new Utf8(), new Int32());

function contents({ schema, batches }: Table): unknown {
  const rows = batches.map((batch) => batch.numRows);
  const fields = schema.fields.map(({ name, nullable, type, metadata }) => [
    name,
    nullable,
    String(type),
    [...metadata],
  ]);
  const values = batches.map((batch) =>
    schema.fields.map((_, column) => JSON.stringify([...(batch.getChildAt(column) ?? [])].map(plain))),
  );
  return { rows, fields, values };
}

function plain(value: unknown): unknown {
  if (typeof value === "bigint") return `${value}n`;
  return Object.is(value, -0) || Number.isNaN(value) ? String(1 / (value as number)) : value;
}

testMaterializer({
  test,
  materializer,
  samples,
  equal: (a, b) => isDeepStrictEqual(contents(a), contents(b)),
  refuses: [null, {}, [{ a: 1 }]],
});

test("columns become Arrow columns of the types that fit, with null for what is missing", () => {
  const table = arrowOfColumns({
    rows: 3,
    columns: {
      mass: Float64Array.of(3750, Number.NaN, 3800.5),
      name: ["Adelie", null, "Gentoo"],
      tagged: [true, false, null],
      count: [1, null, 3],
      x: [[1, 2], null, []],
      nothing: [null, null, null],
      mixed: ["a", 1, { b: [true] }],
    },
  });
  const types = Object.fromEntries(table.schema.fields.map(({ name, type }) => [name, String(type)]));
  assert.deepEqual(types, {
    mass: "Float64",
    name: "Utf8",
    tagged: "Bool",
    count: "Float64",
    x: "List<Float64>",
    nothing: "Null",
    mixed: "Utf8",
  });
  const seen = (name: string) => [...(table.getChild(name) ?? [])];
  assert.deepEqual(seen("mass"), [3750, null, 3800.5]);
  assert.deepEqual(seen("name"), ["Adelie", null, "Gentoo"]);
  assert.deepEqual(seen("tagged"), [true, false, null]);
  assert.deepEqual(seen("count"), [1, null, 3]);
  assert.deepEqual(
    seen("x").map((list) => list && [...list]),
    [[1, 2], null, []],
  );
  assert.deepEqual(seen("nothing"), [null, null, null]);
  assert.deepEqual(seen("mixed"), ['"a"', "1", '{"b":[true]}']);
  assert.equal(table.schema.fields.find(({ name }) => name === "mixed")?.metadata.get("tenon.json"), "true");
});

test("what it says of a table: rows, columns and their types", async () => {
  const [table] = samples();
  assert.deepEqual(await materializer.metadata?.(table as Table), {
    rows: 3,
    columns: ["x", "n"],
    schema: { x: "Float64", n: "Int32" },
  });
});
