import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "@tenon/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const here = import.meta.dirname;
let project: string;
let penguins: typeof import("./pipeline.js")["penguins"];

// A copy, so that the test begins with an empty state and leaves none behind.
beforeEach(async () => {
  project = mkdtempSync(join(tmpdir(), "penguins-"));
  for (const name of ["pipeline.ts", "src", "package.json", "tenon.yaml"]) {
    cpSync(join(here, name), join(project, name), { recursive: true });
  }
  symlinkSync(join(here, "node_modules"), join(project, "node_modules"), "dir");
  ({ penguins } = await import(join(project, "pipeline.ts")));
});
afterEach(() => rmSync(project, { recursive: true, force: true, maxRetries: 3 }));

async function statuses(params: Record<string, unknown> = {}): Promise<Record<string, string>> {
  const result = await run(penguins, { directory: project, params });
  return Object.fromEntries(result.steps.map(({ id, status }) => [id, status]));
}

describe("the penguins pipeline", () => {
  test("tells species apart on birds that it has not seen", async () => {
    const result = await run(penguins, { directory: project });
    const report = await result.outputs.report.load();
    expect(report.accuracy).toBeGreaterThan(0.95);
    expect(report.rows).toBe(69);
    expect(report.confusion.flat().reduce((sum, count) => sum + count, 0)).toBe(69);
    expect(result.outputs.report.artifact.metadata).toMatchObject({ accuracy: report.accuracy });
    expect(await result.outputs.confusion.load()).toMatch(/^<svg [\s\S]*Confusion matrix[\s\S]*<\/svg>\n$/);
  });

  test("is cached from end to end the second time, and one parameter runs only what depends on it", async () => {
    expect(new Set(Object.values(await statuses()))).toEqual(new Set(["succeeded"]));
    expect(new Set(Object.values(await statuses()))).toEqual(new Set(["cached"]));
    expect(await statuses({ "fit.epochs": 50 })).toEqual({
      load: "cached",
      clean: "cached",
      split: "cached",
      standardise: "cached",
      fit: "succeeded",
      evaluate: "succeeded",
    });
  });
});

describe("its steps, by themselves", () => {
  test("the split holds back the same share of each species, and equal seeds give equal parts", async () => {
    const { split } = await import("./src/data.js");
    const rows = Array.from({ length: 90 }, (_, index) => ({ x: [index, 0, 0, 0], y: index % 3 }));
    const cut = (seed: number) =>
      split.run({ rows }, { params: { testRatio: 0.2, seed } } as never) as { test: typeof rows };
    const counts = [0, 1, 2].map((y) => cut(1).test.filter((row) => row.y === y).length);
    expect(counts).toEqual([6, 6, 6]);
    expect(cut(1)).toEqual(cut(1));
    expect(cut(1)).not.toEqual(cut(2));
  });
});
