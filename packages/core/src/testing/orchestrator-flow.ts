import assert from "node:assert/strict";
import { TenonError } from "../errors.js";
import { type BenchCase, outputs, statuses } from "./orchestrator-bench.js";
import * as pipelines from "./orchestrator-pipelines.js";

export const flowCases: readonly BenchCase[] = [
  {
    name: "a chain hands each step's output to the next",
    async run(bench) {
      const result = await bench.run(pipelines.chain(bench, pipelines.uncached));
      assert.equal(result.status, "succeeded");
      assert.deepEqual(await outputs(result), { x: 5 });
    },
  },
  {
    name: "branches come together with all their results",
    async run(bench) {
      assert.deepEqual(await outputs(await bench.run(pipelines.fanOut(bench))), { sum: 12 });
    },
  },
  {
    name: "no more steps run at a time than the orchestrator says",
    async run(bench) {
      const most = await bench.parallel();
      const { sizes } = await outputs(await bench.run(pipelines.crowd(bench, 10)));
      assert.equal((sizes as number[]).length, 10);
      assert.ok(Math.max(...(sizes as number[])) <= most, `${sizes} ran at a time, and ${most} may`);
    },
  },
  {
    name: "a map is as long as the list turns out to be, and its results are one list in its order",
    async run(bench) {
      const result = await bench.run(pipelines.mapping(5, pipelines.uncached));
      assert.deepEqual(await outputs(result), { doubled: [0, 2, 4, 6, 8], sum: 20 });
      assert.equal(result.outputs.doubled?.artifact.elements?.length, 5);
    },
  },
  {
    name: "a map over an empty list gives an empty list",
    async run(bench) {
      assert.deepEqual(await outputs(await bench.run(pipelines.mapping(0, pipelines.uncached))), {
        doubled: [],
        sum: 0,
      });
    },
  },
  {
    name: "a map runs only those elements that it has not run before",
    async run(bench) {
      await bench.run(pipelines.mapping(3));
      const started = bench.heard("stepStarted");
      assert.deepEqual(await outputs(await bench.run(pipelines.mapping(5))), { doubled: [0, 2, 4, 6, 8], sum: 20 });
      const elements = started.map(({ stepId }) => stepId).filter((id) => id.startsWith("double["));
      assert.deepEqual(elements.sort(), ["double[3]", "double[4]"]);
    },
  },
  {
    name: "what is cached is not launched",
    async run(bench) {
      assert.equal((await bench.run(pipelines.chain(bench))).status, "succeeded");
      const started = bench.heard("stepStarted");
      const again = await bench.run(pipelines.chain(bench));
      assert.deepEqual([...new Set(Object.values(statuses(again)))], ["cached"]);
      assert.deepEqual(await outputs(again), { x: 5 });
      assert.equal(started.length, 0);
      assert.equal(await bench.marks("begin"), 1);
    },
  },
  {
    name: "what a step logs can be read afterwards, and its progress is heard",
    async run(bench) {
      const heard = bench.heard("stepProgress");
      const result = await bench.run(pipelines.talked);
      assert.match(await bench.log(result.id, "talking"), /a line through the log/);
      assert.deepEqual(
        heard.map(({ stepId, done, total, fields }) => ({ stepId, done, total, fields })),
        [{ stepId: "talking", done: 1, total: 2, fields: { loss: 0.5 } }],
      );
    },
  },
  {
    name: "a plan that asks for more than there is is refused before anything starts",
    async run(bench) {
      await assert.rejects(bench.run(pipelines.demanding(bench)), (error) =>
        TenonError.is(error, "CAPABILITY_MISSING"),
      );
      assert.equal(await bench.marks("begin"), 0);
    },
  },
];
