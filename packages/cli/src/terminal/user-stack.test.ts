import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import { userFrames } from "./user-stack.js";

const workspace = mkdtempSync(join(tmpdir(), "tenon-stack-"));
afterAll(() => rmSync(workspace, { recursive: true, force: true }));
mkdirSync(join(workspace, "core/dist/chunks"), { recursive: true });
writeFileSync(join(workspace, "core/package.json"), '{ "name": "@tenon/core" }');
/** Core as it is where it is linked: not below node_modules. */
const linked = join(workspace, "core/dist/chunks/run.js");

const mixed = `Error: boom
    at JSON.parse (<anonymous>)
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

test("the frames of Tenon are left out where it is linked from a workspace, too", () => {
  const stack = `Error: boom
    at <anonymous> (/home/ada/project (copy)/pipeline.ts:7:51)
    at Function.run (${pathToFileURL(linked).href}:636:29)
    at work (${linked}:320:32)
    at async Promise.allSettled (index 0)
    at async ${pathToFileURL(linked).href}:1:2
    at async file:///home/ada/project/main.ts:1:2`;
  expect(userFrames([stack])).toEqual([
    "at <anonymous> (/home/ada/project (copy)/pipeline.ts:7:51)",
    "at async file:///home/ada/project/main.ts:1:2",
  ]);
});

test("code of the user's own that lies in a directory called core/dist is the user's", () => {
  const stack = "Error: x\n    at f (/home/ada/core/dist/model.js:1:1)";
  expect(userFrames([stack])).toEqual(["at f (/home/ada/core/dist/model.js:1:1)"]);
});

test("the innermost stack with user's frames counts", () => {
  const outer = "Error: outer\n    at wrap (/home/ada/project/wrap.ts:1:1)";
  expect(userFrames([outer, mixed])[0]).toContain("math.ts");
});

test("where there are none at all, foreign frames are better than nothing, but those of Tenon are not", () => {
  expect(userFrames(["Error: x\n    at f (node:fs:1:1)"])).toEqual(["at f (node:fs:1:1)"]);
  expect(userFrames([`Error: x\n    at f (node:fs:1:1)\n    at work (${linked}:1:1)`])).toEqual(["at f (node:fs:1:1)"]);
  expect(userFrames([`Error: x\n    at work (${linked}:1:1)\n    at g (node:fs:1:1)`])).toEqual([]);
  expect(userFrames(["Error: x"])).toEqual([]);
});
