import { columns, json, pipeline, step, table } from "@tenon/core";
import { testMaterializer } from "@tenon/core/testing";
import { describe, expect, test } from "vitest";
import { testProject } from "../../test-project.js";
import type { Rows } from "./row.js";
import { materializer } from "./rows-materializer.js";
import { rows } from "./types.js";

const image = (seed: number) => Uint8Array.from({ length: 784 }, (_, index) => (index * seed) % 256);

const samples: readonly Rows[] = [
  [],
  [
    { x: 1.5, name: "a", here: true },
    { x: null, name: null, here: false },
    { x: -2, name: 'ü\n"', here: null },
  ],
  [
    { image: image(3), label: 7 },
    { image: image(5), label: 1 },
  ],
  [
    { v: [1, 2.5], f: Float32Array.of(0.1, 2) },
    { v: null, f: null },
  ],
  [{ mixed: 1 }, { mixed: "1" }, { mixed: true }],
  [{ nothing: null }, { nothing: null }],
  [JSON.parse('{"__proto__":1,"x":2}')],
];

testMaterializer({ test, materializer, samples: () => samples as Rows[] });

const make = step({ name: "make", output: rows, run: () => samples[1] as Rows });
const makeTable = step({ name: "makeTable", output: table, run: () => [{ x: 1 }, { x: 2, y: "b" }] });
const lookAtTable = step({
  name: "lookAtTable",
  inputs: { given: table },
  output: json,
  run: ({ given }) => given as never,
});

describe("stored rows", () => {
  test("are read as a table and as columns too, and a stored table is read as rows", async () => {
    await using project = testProject();
    const result = await project.run(
      pipeline("views", () => ({
        made: make(),
        asTable: lookAtTable({ given: make() as never }),
        table: makeTable(),
      })),
    );
    expect(await result.outputs.asTable.load()).toEqual(samples[1]);
    expect(await result.outputs.table.load({ as: rows })).toEqual([
      { x: 1, y: null },
      { x: 2, y: "b" },
    ]);
    const byColumn = await result.outputs.made.load({ as: columns });
    expect(byColumn.columns.x).toEqual(Float64Array.of(1.5, Number.NaN, -2));
  });
});

test.each([
  ["a number that is not finite", [{ x: 1 }, { x: Number.POSITIVE_INFINITY }], "in row 1, the column 'x'"],
  ["an object", [{ x: { y: 1 } }], "in row 0, the column 'x'"],
  ["bytes among texts", [{ x: "a" }, { x: Uint8Array.of(1) }], "is 1 bytes, but json before"],
  ["something that is no row", [{ x: 1 }, null], "row 1 is null"],
])("%s is refused, and the error says where", async (_, wrong, found) => {
  const saving = materializer.save(wrong as never, { write: async () => {}, signal: undefined });
  await expect(saving).rejects.toMatchObject({ code: "DATA_INVALID", message: expect.stringContaining(found) });
});
