import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Project } from "./project.js";
import { workspace } from "./sources.js";

let there: Project;
beforeAll(async () => {
  there = new Project({
    "pipeline.mjs": `import { json, pipeline, step } from "@tenon/core";
const load = step("load", () => [1, 2, 3]);
const split = step({ name: "split", outputs: { train: json, test: json },
  run: ({ rows }, { metadata }) => { metadata({ train: { rows: 275 } }); return { train: rows.slice(1), test: rows.slice(0, 1) }; } });
const fit = step("fit", ({ train }, { metadata }) => {
  metadata({ output: { rows: 275 } });
  return { weight: train.length };
});
const evaluate = step("evaluate", ({ model, test }) => ({ accuracy: model.weight / test.length }));
export const penguins = pipeline("penguins", () => {
  const { train, test } = split({ rows: load() });
  const model = fit({ train });
  return { model, evaluation: evaluate({ model, test }) };
});
`,
    "pipeline.js": 'export * from "./pipeline.mjs";',
  });
  expect((await there.tenon("run", "pipeline.mjs")).code).toBe(0);
}, 120_000);
afterAll(() => there.remove());

test("every snippet of the guide runs", async () => {
  const guide = readFileSync(join(workspace, "docs/guides/post-execution.md"), "utf8");
  const [first = "", ...others] = [...guide.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code);
  const module = `${first.replace("await client.close();", "")}\n${others.join("\n")}\nawait client.close();\n`;
  there.write("guide.mjs", module);
  const { code, stdout, stderr } = await there.node("guide.mjs");
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toContain("succeeded { accuracy: 2 }");
  expect(stdout).toContain("1 of 1");
  expect(stdout).toMatch(/penguins\.fit@1[\s\S]*└─ fit/);
});

describe("on the command line", () => {
  test("lineage is a tree, Mermaid, a picture or data", async () => {
    const tree = await there.tenon("artifact", "lineage", "penguins.split.train");
    expect(tree.stdout).toMatch(/Where it came from[\s\S]*split[\s\S]*What became of it[\s\S]*evaluate/);
    const mermaid = await there.tenon("artifact", "lineage", "penguins.fit", "--format", "mermaid");
    expect(mermaid.stdout).toMatch(/^flowchart LR/);
    const draw = () => there.tenon("artifact", "lineage", "penguins.fit", "--format", "svg", "--output", "lineage.svg");
    expect((await draw()).code).toBe(0);
    expect(there.read("lineage.svg")).toMatch(/^<svg/);
    expect([(await draw()).code, (await draw()).stderr]).toEqual([2, expect.stringContaining("exists already")]);
    const data = await there.tenon("artifact", "lineage", "penguins.fit", "--direction", "upstream", "--json");
    expect(JSON.parse(data.stdout)).toMatchObject({ root: "artifact:penguins.fit@1" });
  });

  test("what is to be removed is said first, and done only on demand", async () => {
    const said = await there.tenon("run", "delete", "latest");
    expect(said.stderr).toContain("Would delete 1 run.");
    expect((await there.tenon("gc")).stderr).toContain("There is nothing to remove.");
    expect((await there.tenon("run", "delete")).code).toBe(2);
    expect((await there.tenon("run", "delete", "--pipeline", "penguins", "--yes")).stderr).toContain("Deleted 1 run.");
    expect((await there.tenon("run", "list")).stdout).toBe("");
    const pruned = JSON.parse((await there.tenon("artifact", "prune", "penguins.fit", "--json")).stdout);
    expect(pruned).toMatchObject({ removed: false, artifacts: [{ id: "penguins.fit@1" }] });
    const wouldBe = JSON.parse((await there.tenon("gc", "--json")).stdout);
    expect(wouldBe.artifacts.length).toBe(5);
    expect((await there.tenon("gc", "--yes")).stderr).toMatch(/^Removed 5 artifact versions/);
    expect((await there.tenon("artifact", "show", "penguins.fit@1")).stdout).toMatch(/removed +2/);
    expect((await there.tenon("artifact", "load", "penguins.fit@1")).stderr).toContain("ARTIFACT_MISSING");
    const again = await there.tenon("run", "pipeline.mjs", "--json");
    expect(JSON.parse(again.stdout).outputs.model.version).toBe("2");
  });
});
