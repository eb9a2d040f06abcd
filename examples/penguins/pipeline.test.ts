import { join } from "node:path";
import { Client, columns, run, table } from "@tenon/core";
import { arrowTable } from "@tenon/plugin-arrow";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { copyOfProject } from "./test-project.js";

let project: string;
let remove: () => void;
let penguins: typeof import("./pipeline.js")["penguins"];

beforeEach(async () => {
  ({ directory: project, remove } = copyOfProject());
  ({ penguins } = await import(join(project, "pipeline.ts")));
});
afterEach(() => remove());

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

describe("a table that it has stored", () => {
  test("is rows, columns of typed arrays, or an Arrow table, as one asks for it", async () => {
    await run(penguins, { directory: project });
    const client = new Client({ directory: project });
    const last = await client.pipeline(penguins).runs.latest();
    const stored = last.step("load").output();
    const { format, digest } = await stored.artifact();
    expect(format).toBe("jsonl");

    const rows = await stored.load({ as: table });
    const byColumn = await stored.load({ as: columns });
    const arrow = await stored.load({ as: arrowTable });

    expect([rows.length, byColumn.rows, arrow.numRows]).toEqual([344, 344, 344]);
    const mass = byColumn.columns["Body Mass (g)"] as Float64Array;
    expect(mass).toBeInstanceOf(Float64Array);
    const missing = rows.flatMap((row, index) => (row["Body Mass (g)"] === null ? [index] : []));
    expect(missing.length).toBe(2);
    expect(missing.every((row) => Number.isNaN(mass[row]))).toBe(true);
    expect(byColumn.columns.Species).toEqual(rows.map((row) => row.Species));
    for (const [index, row] of rows.entries()) expect(arrow.get(index)?.toJSON()).toEqual(row);
    expect(String(arrow.schema.fields.find(({ name }) => name === "Body Mass (g)")?.type)).toBe("Float64");
    expect((await stored.artifact()).digest).toBe(digest);

    const train = last.step("split").output("train");
    expect((await train.load({ as: columns })).columns.y).toBeInstanceOf(Float64Array);
    const x = (await train.load({ as: arrowTable })).getChild("x");
    expect(String(x?.type)).toBe("List<Float64>");
    await client.close();
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
