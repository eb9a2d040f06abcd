import { describe, expect, test } from "vitest";
import { bad, expectRefusal } from "./bad-input.js";
import { project } from "./project.js";

const isolated = `project: test
stacks:
  apart:
    orchestrator: { flavor: local/local, isolation: process }
    artifactStore: local/filesystem
    metadataStore: local/sqlite
`;

describe("what a step returns", () => {
  const outputs = "outputs: { a: z.number(), b: z.number() }";
  test.each([
    ["misses an output", `step({ name: "two", ${outputs}, run: () => ({ a: 1 }) })`, "OUTPUT_INVALID", "b"],
    ["has one too many", `step({ name: "two", ${outputs}, run: () => ({ a: 1, b: 2, c: 3 }) })`, "OUTPUT_INVALID", "c"],
    ["is of the wrong type", `step({ name: "two", ${outputs}, run: () => ({ a: 1, b: "x" }) })`, "OUTPUT_INVALID", "b"],
  ])("%s", async (_, definition, code, name) => {
    const there = project({ "pipeline.mjs": bad(`const two = ${definition};`, "return { a: two().a };") });
    expectRefusal(await there.tenon("run", "pipeline.mjs"), code, "two", `'${name}'`);
  });

  test("cannot be saved by any materializer", async () => {
    const there = project({
      "pipeline.mjs": bad('class Forest {} const grow = step("grow", () => new Forest());', "return { out: grow() };"),
    });
    expectRefusal(await there.tenon("run", "pipeline.mjs"), "MATERIALIZER_MISSING", "Forest", "grow");
  });
});

describe("where a step was made, and what it does", () => {
  test("a step made inside a function, where it would have to be found again", async () => {
    const there = project({
      "tenon.yaml": isolated,
      "pipeline.mjs": bad("", 'const hidden = step("hidden", () => 1); return { out: hidden() };'),
    });
    expectRefusal(await there.tenon("run", "pipeline.mjs", "--stack", "apart"), "STEP_NOT_FOUND_AGAIN", "hidden");
    expect((await there.tenon("run", "pipeline.mjs")).code).toBe(0);
  });

  test("run() called in a worker", async () => {
    const there = project({
      "tenon.yaml": isolated,
      "pipeline.mjs": bad(
        'const inner = pipeline("inner", () => ({ out: one() }));\nconst nested = step("nested", async () => (await run(inner)).id);',
        "return { out: nested() };",
      ),
    });
    expectRefusal(await there.tenon("run", "pipeline.mjs", "--stack", "apart"), "RUN_IN_WORKER", "nested");
  });

  test("a step that throws: the step, its error, where it was thrown and how to go on are said", async () => {
    const there = project({
      "pipeline.mjs": bad(
        'const fails = step("fails", () => { throw new RangeError("too far out"); });',
        "return { out: fails() };",
      ),
    });
    const { code, stdout, stderr } = await there.tenon("run", "pipeline.mjs");
    expect(code).toBe(1);
    for (const said of ["fails failed", "too far out", "pipeline.mjs:4", "tenon run resume"]) {
      expect(stdout + stderr).toContain(said);
    }
  });
});
