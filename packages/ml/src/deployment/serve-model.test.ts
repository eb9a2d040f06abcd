import { type Client, json, pipeline, run, step, type TenonError } from "@tenon/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type TestProject, testProject } from "../../test-project.js";
import { impute, standardise } from "../preprocessing/built-in-operations.js";
import { preprocess } from "../preprocessing/steps.js";
import { randomSplit } from "../splits/steps.js";
import { trainedModel } from "../steps/contracts.js";
import { birds } from "../testing/birds.js";
import { linear } from "../training/linear.js";
import { register } from "../training/register.js";
import { trainingPipeline } from "../training/training-pipeline.js";
import { rows } from "../vocabulary/types.js";
import { deploy } from "./deploy.js";
import { type Serving, serveModel } from "./serve-model.js";

const slots = {
  name: "birds",
  data: birds(),
  split: randomSplit({ train: 0.8, test: 0.2 }),
  preprocess: preprocess({
    features: { beak: [impute("mean"), standardise()], depth: [impute("mean"), standardise()] },
    label: "species",
  }),
  train: linear(),
  register: register({ better: false }),
};
const training = trainingPipeline(slots);

let project: TestProject;
let client: Client;
const serving: Serving[] = [];
beforeEach(() => {
  project = testProject();
  client = project.client;
});
afterEach(async () => {
  for (const one of serving.splice(0)) await one.close();
  await project[Symbol.asyncDispose]();
});

type Request = Parameters<typeof serveModel>[0]["request"];

async function serve(request: Request, errors: unknown[] = [], lookEvery = 3_600_000): Promise<Serving> {
  const onError = (error: unknown) => void errors.push(error);
  const one = await serveModel({ directory: project.directory, request, lookEvery, onError });
  serving.push(one);
  return one;
}
const train = (epochs: number) => run(training, { directory: project.directory, params: { "train.epochs": epochs } });
const versionOf = async ({ url }: Serving) =>
  ((await (await fetch(`${url}/v2/models/birds`)).json()) as { versions: string[] }).versions[0];

describe("a model that is served from a project", () => {
  test("predicts raw rows as its evaluation does", async () => {
    const result = await train(100);
    const { confusion } = await result.outputs.evaluation.load();
    const test = (await client.runs.get(result.id)).step("split").output("test");
    const tested = ((await test.load()) as ReturnType<typeof birds>).filter(({ species }) => species !== null);
    const { url } = await serve({ model: "birds", stage: "production" });
    const instances = tested.map(({ beak, depth }) => ({ beak, depth }));
    const response = await fetch(`${url}/v1/models/birds:predict`, {
      method: "POST",
      body: JSON.stringify({ instances }),
    });
    const { predictions } = (await response.json()) as { predictions: { prediction: string }[] };
    const { classes, counts } = confusion ?? expect.fail("no confusion matrix");
    const counted = classes.map((truth) =>
      classes.map(
        (guess) =>
          tested.filter(({ species }, at) => species === truth && predictions[at]?.prediction === guess).length,
      ),
    );
    expect(counted).toEqual(counts);
  });

  test("follows its stage: the next version that comes into it takes over, and one that stays out does not", async () => {
    await train(100);
    const followed = await serve({ model: "birds", stage: "production" });
    const fixed = await serve({ model: "birds", version: "1" });
    expect(await versionOf(followed)).toBe("1");
    await train(50);
    await followed.reload();
    await fixed.reload();
    expect([await versionOf(followed), await versionOf(fixed)]).toEqual(["2", "1"]);
    await client.models.setStage("birds@1", "production");
    await followed.reload();
    expect(await versionOf(followed)).toBe("1");
  });

  test("takes up the latest version once its run has made the model, though it has looked before", async () => {
    await train(5);
    const errors: TenonError[] = [];
    const followed = await serve({ model: "birds" }, errors, 10);
    const waited = step({
      name: "waited",
      output: rows,
      run: async () => {
        await expect.poll(() => errors.length).toBe(1);
        return birds();
      },
    });
    await run(trainingPipeline({ ...slots, data: waited }), { directory: project.directory });
    await expect.poll(() => versionOf(followed)).toBe("2");
    expect(errors).toMatchObject([{ code: "MODEL_NOT_SERVABLE" }]);
  });

  test("goes on with the former version if the next one cannot be served", async () => {
    await train(100);
    const errors: TenonError[] = [];
    const followed = await serve({ model: "birds", stage: "production" }, errors);
    const note = step({ name: "note", output: json, run: () => ({ note: "no model" }) });
    const empty = pipeline({ name: "empty", model: { name: "birds" }, body: () => ({ note: note() }) });
    await run(empty, { directory: project.directory });
    await client.models.setStage("birds@2", "production");
    await followed.reload();
    expect(await versionOf(followed)).toBe("1");
    expect(errors).toMatchObject([
      { code: "MODEL_NOT_SERVABLE", found: "none of its artifacts is a trained model: empty.note@1" },
    ]);
    const text = await (await fetch(`${followed.url}/metrics`)).text();
    expect(text).toContain("tenon_model_reload_failures_total 1\n");
  });
});

describe("what cannot be served", () => {
  test("a model, version or stage that is not there", async () => {
    await expect(serve({ model: "fish" })).rejects.toMatchObject({ code: "MODEL_UNKNOWN" });
    await train(10);
    await expect(serve({ model: "birds", version: "7" })).rejects.toMatchObject({ code: "MODEL_UNKNOWN" });
    await expect(serve({ model: "birds", stage: "staging" })).rejects.toMatchObject({ code: "MODEL_STAGE_UNKNOWN" });
  });

  test("a version with two trained models, for nobody can know which is meant", async () => {
    const model = await (await train(5)).outputs.model.load();
    const fit = step({ name: "again", outputs: { model: trainedModel }, run: () => ({ model }) });
    const twice = pipeline({
      name: "twice",
      model: { name: "two" },
      body: () => ({ one: fit({}, {}, { name: "a" }).model, two: fit({}, {}, { name: "b" }).model }),
    });
    await run(twice, { directory: project.directory });
    await expect(serve({ model: "two" })).rejects.toMatchObject({
      code: "MODEL_NOT_SERVABLE",
      found: expect.stringContaining("several trained models"),
    });
  });
});

test("a pipeline that deploys says how to give its stack a deployer", async () => {
  const deploying = trainingPipeline({
    name: "deployed",
    data: birds(),
    split: randomSplit({ train: 0.8, test: 0.2 }),
    preprocess: preprocess({ features: { beak: [impute("mean"), standardise()] }, label: "species" }),
    train: linear(),
    deploy: deploy(),
  });
  const failed = (await run(deploying, { directory: project.directory }).catch(
    (error: unknown) => error,
  )) as TenonError;
  expect(failed.cause).toMatchObject({ code: "STACK_INVALID", found: "it has no modelDeployer" });
});
