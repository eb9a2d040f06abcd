import { expect, test } from "vitest";
import { userFrames } from "./user-stack.js";

const mixed = `Error: boom
    at divide (/home/ada/project/src/math.ts:3:9)
    at Object.run (/home/ada/project/pipeline.ts:10:5)
    at runStep (/home/ada/project/node_modules/@tenon/core/dist/chunks/run.js:1:1)
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)`;

test("packages' and Node's frames are left out", () => {
  expect(userFrames([mixed])).toEqual([
    "at divide (/home/ada/project/src/math.ts:3:9)",
    "at Object.run (/home/ada/project/pipeline.ts:10:5)",
  ]);
});

test("the innermost stack with user's frames counts", () => {
  const outer = "Error: outer\n    at wrap (/home/ada/project/wrap.ts:1:1)";
  expect(userFrames([outer, mixed])[0]).toContain("math.ts");
});

test("where there are none at all, foreign frames are better than nothing", () => {
  expect(userFrames(["Error: x\n    at f (node:fs:1:1)"])).toEqual(["at f (node:fs:1:1)"]);
  expect(userFrames(["Error: x"])).toEqual([]);
});
