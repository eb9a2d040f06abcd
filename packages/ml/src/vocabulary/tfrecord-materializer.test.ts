import { pipeline, step } from "@tenon/core";
import { testMaterializer } from "@tenon/core/testing";
import { describe, expect, test } from "vitest";
import { testProject } from "../../test-project.js";
import type { Rows } from "./row.js";
import { materializer } from "./tfrecord-materializer.js";
import { rows, tfrecord } from "./types.js";

const image = (seed: number) => Uint8Array.from({ length: 784 }, (_, index) => (index * seed) % 256);

const samples: readonly Rows[] = [
  [],
  [
    { x: 39.1, name: "Adélie", here: true, count: 3, day: "2007-11-11" },
    { x: null, name: null, here: false, count: null, day: null },
    { x: -2, name: "", here: null, count: -7, day: "2008-11-11" },
  ],
  [
    { image: image(3), label: 7 },
    { image: image(5), label: 1 },
  ],
  [
    { v: [1, 0.1], f: Float32Array.of(0.1, 2) },
    { v: null, f: null },
  ],
  [{ nothing: null }, { nothing: null }],
  [{ big: "9007199254740993", zero: -0 }],
  [{ x: 1e300 }, { x: 5e-324 }],
];

testMaterializer({
  test,
  materializer,
  samples: () => samples as Rows[],
  refuses: [null, 1, [null], [{ x: Number.POSITIVE_INFINITY }], [{ x: { y: 1 } }], [{ x: 1 }, { x: "a" }]],
});

const make = step({ name: "make", output: tfrecord, run: () => samples[1] as Rows });

describe("rows in a TFRecord file", () => {
  test("are found by their type, and read as rows too", async () => {
    await using project = testProject();
    const result = await project.run(pipeline("records", () => ({ made: make() })));
    expect(await result.outputs.made.load()).toEqual(samples[1]);
    expect(await result.outputs.made.load({ as: rows })).toEqual(samples[1]);
  });
});
