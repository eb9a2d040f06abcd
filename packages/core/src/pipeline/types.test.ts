import { expectTypeOf, test } from "vitest";
import { z } from "zod";
import { artifactType } from "../contracts/artifact-type.js";
import type { Handle } from "./handle.js";
import { map } from "./map.js";
import { type PipelineOutputs, type PipelineParameters, pipeline } from "./pipeline.js";
import { step } from "./step.js";
import { each, external } from "./wire.js";

// Nothing in here is run: `tsc -p tsconfig.tests.json` is what checks it.
interface Row {
  readonly species: string | null;
}
const table = artifactType<Row[]>("table");
const add = step("add", ({ x, y }: { x: number; y: number }) => x + y);
const label = step("label", async ({ value }: { value: string }) => value.length);
const load = step({ name: "load", params: z.object({ seed: z.int() }), output: table, run: () => [] });
const split = step({
  name: "split",
  params: z.object({ ratio: z.number().default(0.2), seed: z.int() }),
  inputs: { rows: table },
  outputs: { train: table, test: z.array(z.string()) },
  run({ rows }, { params }) {
    expectTypeOf(rows).toEqualTypeOf<Row[]>();
    expectTypeOf(params).toEqualTypeOf<{ ratio: number; seed: number }>();
    return { train: rows, test: ["a"] };
  },
});
const sum = step("sum", ({ values }: { values: readonly number[] }) => values.reduce((a, b) => a + b, 0));

const checked = (_body: () => void) => {};

test("a call gives a handle of what the step's function returns", () => {
  checked(() => {
    expectTypeOf(add({ x: 1, y: 2 })).toEqualTypeOf<Handle<number>>();
    expectTypeOf(label({ value: "a" })).toEqualTypeOf<Handle<number>>();
    expectTypeOf(load()).toEqualTypeOf<Handle<Row[]>>();
    expectTypeOf(split({ rows: load({}, { seed: 3 }) }).train).toEqualTypeOf<Handle<Row[]>>();
    expectTypeOf(split({ rows: [] }).test).toEqualTypeOf<Handle<string[]>>();
  });
});

test("a wrong wire is a type error", () => {
  checked(() => {
    add({ x: add({ x: 1, y: 2 }), y: external(3) });
    sum({ values: [1, add({ x: 1, y: 2 })] });
    // @ts-expect-error a text is no number
    add({ x: "1", y: 2 });
    // @ts-expect-error y is missing
    add({ x: 1 });
    // @ts-expect-error z is unknown
    add({ x: 1, y: 2, z: 3 });
    // @ts-expect-error the handle is of a number
    label({ value: add({ x: 1, y: 2 }) });
    // @ts-expect-error the external value is a text
    add({ x: external("1"), y: 2 });
    // @ts-expect-error inputs are needed
    split();
    // @ts-expect-error there is no such output
    split({ rows: [] }).validation;
    // @ts-expect-error a handle of a text among numbers
    sum({ values: [1, label({ value: "a" }), load()] });
    // @ts-expect-error several outputs are no value
    split({ rows: split({ rows: [] }) });
  });
});

test("parameters are typed by their schema, and may be left out", () => {
  checked(() => {
    split({ rows: [] }, { ratio: 0.5 });
    // @ts-expect-error a text is no number
    split({ rows: [] }, { ratio: "half" });
    // @ts-expect-error there is no such parameter
    split({ rows: [] }, { raito: 0.5 });
    // @ts-expect-error there is no such option
    split({ rows: [] }, {}, { retires: 3 });
  });
});

test("what a step returns is checked against what it declares", () => {
  // @ts-expect-error the output is a table
  step({ name: "wrong", outputs: { a: table }, run: () => ({ a: 5 }) });
  // @ts-expect-error the output is a table
  step({ name: "wrong2", output: table, run: () => 5 });
  step({ name: "right", inputs: { x: z.number() }, run: ({ x }) => x.toFixed(2) });
  step({ name: "right2", output: z.number(), run: async ({ x }: { x: number }) => x + 1 });
});

test("a map takes one element at a time and gives lists", () => {
  checked(() => {
    const folds = step("folds", () => [1, 2, 3])();
    expectTypeOf(map(add, { x: each(folds), y: 2 })).toEqualTypeOf<Handle<number[]>>();
    expectTypeOf(map(split, { rows: each([load(), load()]) }).train).toEqualTypeOf<Handle<Row[][]>>();
    // @ts-expect-error the elements are numbers
    map(label, { value: each(folds) });
    // @ts-expect-error what is not marked is passed whole
    map(add, { x: folds, y: each(folds) });
  });
});

const fit = step({
  name: "fit",
  params: z.object({ rate: z.number() }),
  inputs: { train: table },
  run: () => ({ w: 1 }),
});
const training = pipeline({
  name: "training",
  params: z.object({ epochs: z.int().default(5), name: z.string() }),
  steps: { fit },
  body: ({ params, steps }) => {
    expectTypeOf(params).toEqualTypeOf<{ epochs: number; name: string }>();
    const { train } = split({ rows: [] });
    return { model: steps.fit({ train }, { rate: params.epochs }), train };
  },
});

test("a pipeline's outputs and parameters are typed", () => {
  expectTypeOf<PipelineOutputs<typeof training>>().toEqualTypeOf<{
    readonly model: { w: number };
    readonly train: Row[];
  }>();
  const one = pipeline("one", () => add({ x: 1, y: 2 }));
  expectTypeOf<PipelineOutputs<typeof one>>().toEqualTypeOf<{ readonly output: number }>();
  const several = pipeline("several", () => split({ rows: [] }));
  expectTypeOf<PipelineOutputs<typeof several>["train"]>().toEqualTypeOf<Row[]>();
  expectTypeOf<PipelineOutputs<typeof several>["test"]>().toEqualTypeOf<string[]>();
  const none = pipeline("none", () => {
    add({ x: 1, y: 2 });
  });
  expectTypeOf<PipelineOutputs<typeof none>>().toExtend<object>();
  type Parameters = PipelineParameters<typeof training>;
  expectTypeOf<{ epochs: number; "fit.rate": number }>().toExtend<Parameters>();
  expectTypeOf<{ epochs: string }>().not.toExtend<Parameters>();
  // @ts-expect-error a body returns handles
  pipeline("wrong", () => ({ model: 5 }));
});

test("a slot takes a step of the same interface only", () => {
  const forest = step({
    name: "forest",
    params: z.object({ trees: z.int() }),
    inputs: { train: table },
    run: () => ({ w: 2 }),
  });
  const other = step({ name: "other", inputs: { train: table }, run: () => "text" });
  const wants = step("wants", ({ train, more }: { train: Row[]; more: number }) => ({ w: train.length + more }));
  training.with({ steps: { fit: forest }, parameters: { epochs: 3, "fit.trees": 10 } });
  checked(() => {
    // @ts-expect-error its output is a text
    training.with({ steps: { fit: other } });
    // @ts-expect-error it wants another input
    training.with({ steps: { fit: wants } });
    // @ts-expect-error there is no such slot
    training.with({ steps: { fti: forest } });
    // @ts-expect-error epochs is a number
    training.with({ parameters: { epochs: "3" } });
  });
});
