import { join } from "node:path";
import { Client, columns, run, type TenonError } from "@tenon/core";
import type { ClassificationMetrics } from "@tenon/ml";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { copyOfProject } from "./test-project.js";

type Predictions = typeof import("./predictions.js");

let project: string;
let remove: () => void;
let penguins: typeof import("./pipeline.js")["penguins"];
let doPredictions: Predictions["doPredictions"];
let predictInProduction: Predictions["predictInProduction"];

beforeEach(async () => {
  ({ directory: project, remove } = copyOfProject());
  ({ penguins } = await import(join(project, "pipeline.ts")));
  ({ doPredictions, predictInProduction } = await import(join(project, "predictions.ts")));
});
afterEach(() => remove());

/** Makes the next version of the model, and returns its accuracy. One epoch makes a bad one. */
async function fitted(epochs: number): Promise<number> {
  const result = await run(penguins, { directory: project, params: { "fit.epochs": epochs } });
  return ((await result.outputs.evaluation.load()).metrics as ClassificationMetrics).accuracy;
}

async function predictions() {
  const result = await run(doPredictions, { directory: project });
  const { output } = result.outputs;
  return { id: result.id, output, rows: await output.load(), better: output.artifact.metadata.better };
}

async function usedModels(runId: string): Promise<string[]> {
  const client = new Client({ directory: project });
  const used = await client.models.ofRun(runId);
  await client.close();
  return used.map(({ name, version, role }) => `${role} ${name}@${version}`).sort();
}

describe("do_predictions", () => {
  test("predicts with version 1 where that is the better one", async () => {
    const [first, latest] = [await fitted(200), await fitted(1)];
    expect(first).toBeGreaterThan(latest);
    const { id, rows, better } = await predictions();
    expect(better).toBe("model1");
    expect(rows.length).toBe(344);
    expect(await usedModels(id)).toEqual(["used penguins@1", "used penguins@2"]);
  });

  test("predicts with the latest where that is the better one, and with one that comes later once it is there", async () => {
    const [first, latest] = [await fitted(1), await fitted(200)];
    expect(latest).toBeGreaterThan(first);
    expect((await predictions()).better).toBe("model2");
    expect(await fitted(2)).toBeLessThan(latest);
    const { id } = await predictions();
    expect(await usedModels(id)).toEqual(["used penguins@1", "used penguins@3"]);
  });

  test("predicts with the latest where both are as good", async () => {
    const [first, latest] = [await fitted(200), await fitted(210)];
    expect(first).toBe(latest);
    const { id, better } = await predictions();
    expect(better).toBe("model2");
    expect(await usedModels(id)).toEqual(["used penguins@1", "used penguins@2"]);
  });

  test("finds most species, with either model", async () => {
    await fitted(200);
    const { rows, output } = await predictions();
    const { columns: byName } = await output.load({ as: columns });
    expect(byName.probability).toEqual(Float64Array.from(rows, ({ probability }) => probability));
    const client = new Client({ directory: project });
    const birds = (await (await client.artifacts.get("penguins.load")).load()) as { Species: string }[];
    await client.close();
    const right = rows.filter(({ bird, species }) => birds[bird]?.Species === species).length;
    expect(right / rows.length).toBeGreaterThan(0.95);
  });

  test("says that there is no model yet", async () => {
    const failed = (await run(doPredictions, { directory: project }).catch((error: unknown) => error)) as TenonError;
    expect((failed.cause as TenonError).code).toBe("MODEL_UNKNOWN");
  });
});

describe("predict_in_production", () => {
  test("predicts with the version in production, until another takes its place", async () => {
    await fitted(200);
    await fitted(1);
    const client = new Client({ directory: project });
    await client.models.setStage("penguins@1", "production");
    const good = await run(predictInProduction, { directory: project });
    expect(await usedModels(good.id)).toEqual(["used penguins@1"]);
    await client.models.setStage("penguins@2", "production");
    const bad = await run(predictInProduction, { directory: project });
    expect(await usedModels(bad.id)).toEqual(["used penguins@2"]);
    expect((await client.models.get("penguins@1")).stage).toBe("archived");
    expect(await bad.outputs.output.load()).not.toEqual(await good.outputs.output.load());
    await client.close();
  });
});
