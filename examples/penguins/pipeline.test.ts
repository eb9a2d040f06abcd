import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { Client, columns, run, table } from "@tenon/core";
import { type ClassificationMetrics, predictedLabels } from "@tenon/ml";
import { arrowTable } from "@tenon/plugin-arrow";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { species } from "./src/data.js";
import { copyOfProject } from "./test-project.js";

let project: string;
let remove: () => void;
let penguins: typeof import("./pipeline.js")["penguins"];

beforeEach(async () => {
  ({ directory: project, remove } = copyOfProject());
  ({ penguins } = await import(join(project, "pipeline.ts")));
});
afterEach(() => remove());

/** Runs it as a user does, from the command line; how each step came out, by its id. */
async function statuses(...options: string[]): Promise<Record<string, string>> {
  const tenon = join(project, "node_modules/tenon/bin/tenon.js");
  await promisify(execFile)(process.execPath, [tenon, "run", ...options], { cwd: project });
  const client = new Client({ directory: project });
  const steps = await (await client.pipeline(penguins).runs.latest()).steps();
  await client.close();
  return Object.fromEntries(steps.map(({ stepId, status }) => [stepId, status]));
}

describe("the penguins pipeline", () => {
  test("tells species apart on birds that it has not seen", async () => {
    const result = await run(penguins, { directory: project });
    const { rows, metrics, confusion, slices } = await result.outputs.evaluation.load();
    const { accuracy } = metrics as ClassificationMetrics;
    expect(accuracy).toBeGreaterThan(0.95);
    expect(rows).toBe(69);
    expect(confusion?.counts.flat().reduce((sum, count) => sum + count, 0)).toBe(69);
    expect(slices.map(({ column }) => column)).toContain("Island");
    expect(result.outputs.evaluation.artifact.metadata).toMatchObject({ accuracy, rows: 69 });
    expect(await result.outputs.report.load()).toMatch(/^<!doctype html>[\s\S]*Confusion/i);
  });

  test("makes a model that takes birds as they were noted down, and says what is wrong with one", async () => {
    const { outputs } = await run(penguins, { directory: project });
    const model = await outputs.model.load();
    const bird = {
      Island: "Biscoe",
      "Beak Length (mm)": 48.7,
      "Beak Depth (mm)": 14.1,
      "Flipper Length (mm)": 210,
      "Body Mass (g)": null,
      Sex: null,
    };
    expect(predictedLabels(await model.predict([bird]))).toEqual(["Gentoo"]);
    await expect(model.predict([{ ...bird, Island: "Elba" }])).rejects.toMatchObject({ code: "DATA_CATEGORY_UNKNOWN" });
    const { Island: _, ...without } = bird;
    await expect(model.predict([without])).rejects.toMatchObject({ code: "DATA_COLUMN_MISSING" });
  });

  test("is cached from end to end the second time, and one parameter runs only what depends on it", {
    timeout: 300_000,
  }, async () => {
    expect(new Set(Object.values(await statuses()))).toEqual(new Set(["succeeded"]));
    expect(new Set(Object.values(await statuses()))).toEqual(new Set(["cached"]));
    expect(await statuses("--param", "fit.epochs=50")).toEqual({
      load: "cached",
      split: "cached",
      preprocess: "cached",
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
    expect(format).toBe("columns/1");

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

    await client.close();
  });
});

describe("its datasource", () => {
  test("is a version of its own when it is committed, and none if nothing has changed", async () => {
    const { birds } = await import("./src/data.js");
    const first = await birds.commit({ directory: project });
    expect(first).toMatchObject({ version: "1", changed: true, statistics: { rows: 344 } });
    expect(await birds.commit({ directory: project })).toMatchObject({ version: "1", changed: false });
  });
});

describe("its steps, by themselves", () => {
  test("the split holds back the same share of each species, and equal seeds give equal parts", async () => {
    const { split } = await import("./src/train.js");
    const rows = Array.from({ length: 90 }, (_, index) => ({ id: index, Species: species[index % 3] as string }));
    const cut = (seed: number) =>
      split.run({ rows }, { params: { shares: { train: 0.8, test: 0.2 }, seed } } as never) as { test: typeof rows };
    const counts = species.map((name) => cut(1).test.filter(({ Species }) => Species === name).length);
    expect(counts).toEqual([6, 6, 6]);
    expect(cut(1)).toEqual(cut(1));
    expect(cut(1)).not.toEqual(cut(2));
  });
});
