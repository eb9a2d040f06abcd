import { describe, expect, test } from "vitest";
import { project } from "./project.js";

const stack = (isolation: string) => `project: test
stack: here
stacks:
  here:
    orchestrator: { flavor: local/local, concurrency: 2, isolation: ${isolation} }
    artifactStore: local/filesystem
    metadataStore: local/sqlite
`;
const pipelines = `import { existsSync, writeFileSync } from "node:fs";
import { Client, pipeline, series, step } from "@tenon/core";
import { z } from "zod";

const train = step({
  name: "train",
  params: z.object({ error: z.number().default(0.5) }),
  run: (_, { params, model, metadata }) => {
    metadata({ output: { error: params.error } });
    model.metadata({ error: params.error, loss: series([1, params.error]), version: model.version });
    return { weight: params.error * 10 };
  },
});
export const training = pipeline({ name: "training", model: { name: "churn" }, body: () => ({ model: train() }) });

const predict = step("predict", ({ first, latest, error, produced }) => {
  if (existsSync("broken")) throw new Error("broken for now");
  writeFileSync("seen.json", JSON.stringify({ first, latest, error, produced, pid: process.pid }));
  return [first, latest, error, produced];
});
export const predicting = pipeline("predicting", () => {
  const client = new Client();
  const latest = client.artifact("training.train");
  const model = client.model("churn", { stage: "production" });
  return {
    result: predict({
      first: client.artifact("training.train", { version: "1" }),
      latest,
      error: latest.metadata("error", z.number()),
      produced: model.artifact("training.train"),
    }),
  };
});
`;
const demo = (isolation = "none") => project({ "pipeline.mjs": pipelines, "tenon.yaml": stack(isolation) });

describe("late references and models, from the command line", () => {
  test("are the same in processes of their own, and stay what they were when the run is resumed", {
    timeout: 240_000,
  }, async () => {
    const there = demo("process");
    const train = (error: number) =>
      there.tenon("run", "pipeline.mjs", "--pipeline", "training", "--param", `train.error=${error}`);
    expect(await train(0.5)).toMatchObject({ code: 0 });
    expect(await train(0.25)).toMatchObject({ code: 0 });
    expect((await there.tenon("model", "stage", "churn@1", "production")).stdout).toContain("is in stage production");

    there.write("broken", "");
    const failed = await there.tenon("run", "pipeline.mjs", "--pipeline", "predicting");
    expect(failed.code).toBe(1);
    expect(failed.stdout).toContain("broken for now");
    expect(await train(0.125)).toMatchObject({ code: 0 });
    await there.tenon("model", "stage", "churn@3", "production");
    there.write("pipeline.mjs", pipelines.replace('existsSync("broken")', "false"));
    expect(await there.tenon("run", "resume", /run (\w{26})/.exec(failed.stdout)?.[1] ?? "")).toMatchObject({
      code: 0,
    });
    const seen = JSON.parse(there.read("seen.json"));
    expect(seen).toMatchObject({
      first: { weight: 5 },
      latest: { weight: 2.5 },
      error: 0.25,
      produced: { weight: 5 },
    });

    // A new run settles anew.
    expect(await there.tenon("run", "pipeline.mjs", "--pipeline", "predicting")).toMatchObject({ code: 0 });
    expect(JSON.parse(there.read("seen.json"))).toMatchObject({ latest: { weight: 1.25 }, produced: { weight: 1.25 } });
    const shown = JSON.parse((await there.tenon("model", "show", "churn@3", "--json")).stdout);
    expect(shown).toMatchObject({
      stage: "production",
      metadata: { error: 0.125, loss: { kind: "series" }, version: "3" },
      artifacts: [{ artifact: "training.train@3" }],
    });
    expect(shown.runs.map(({ role }: { role: string }) => role).sort()).toEqual(["made", "used"]);
    const listed = (await there.tenon("models")).stdout;
    expect(listed).toMatch(/MODEL +LATEST +STAGING +PRODUCTION/);
    expect(listed).toMatch(/churn +3 +3 /);
    expect((await there.tenon("model", "list", "churn")).stdout).toMatch(/churn +1 +archived/);
    expect((await there.tenon("model", "show", "churn")).stdout).toMatch(/loss +series of 2, the last 0\.125/);
  });

  test("a name that is not there is a usage error that says what there is", async () => {
    const there = demo();
    expect((await there.tenon("model", "list")).stderr).toContain("There are no models yet");
    const missing = await there.tenon("run", "pipeline.mjs", "--pipeline", "predicting");
    expect(missing.stdout).toContain("there are no");
    await there.tenon("run", "pipeline.mjs", "--pipeline", "training");
    const mistyped = await there.tenon("model", "show", "chrun");
    expect([mistyped.code, mistyped.stderr]).toEqual([2, expect.stringContaining("Did you mean 'churn'?")]);
    const stage = await there.tenon("model", "stage", "churn", "prod");
    expect([stage.code, stage.stderr]).toEqual([2, expect.stringContaining("staging, production, archived")]);
  });
});
