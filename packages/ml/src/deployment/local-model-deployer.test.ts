import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "@tenon/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestProject, testProject } from "../../test-project.js";
import { impute, standardise } from "../preprocessing/built-in-operations.js";
import { preprocess } from "../preprocessing/steps.js";
import { randomSplit } from "../splits/steps.js";
import { birds } from "../testing/birds.js";
import { testModelDeployer } from "../testing/model-deployer.js";
import { linear } from "../training/linear.js";
import { trainingPipeline } from "../training/training-pipeline.js";
import { LocalModelDeployer } from "./local-model-deployer.js";

const training = trainingPipeline({
  name: "birds",
  data: birds(60),
  split: randomSplit({ train: 0.8, test: 0.2 }),
  preprocess: preprocess({ features: { beak: [impute("mean"), standardise()] }, label: "species" }),
  train: linear({ epochs: 10 }),
});

/** The processes that it starts run this package as it was built last. */
describe("the local deployer keeps to its contract", () => {
  let project: TestProject;
  beforeAll(async () => {
    project = testProject();
    await run(training, { directory: project.directory });
    symlinkSync(join(import.meta.dirname, "../.."), join(project.directory, "node_modules/@tenon/ml"), "dir");
    const dependencies = { "@tenon/core": "*", "@tenon/plugin-local": "*", "@tenon/ml": "*" };
    writeFileSync(
      join(project.directory, "package.json"),
      JSON.stringify({ name: "birds", type: "module", dependencies }),
    );
  });
  afterAll(() => project[Symbol.asyncDispose]());

  const request = { model: "birds", version: "1" };
  const deployerIn = (stateDirectory = join(project.directory, ".tenon")) =>
    new LocalModelDeployer({
      config: { host: "127.0.0.1", port: 0, largestBody: 1_000_000 },
      project: { name: "test", root: project.directory, stateDirectory },
      stack: { name: "local" },
    });

  testModelDeployer({ test, create: () => ({ deployer: deployerIn(), request }) });

  test("of two that deploy under one name at once, one replaces the other", async () => {
    const both = await Promise.all([deployerIn(), deployerIn()].map((deployer) => deployer.deploy(request)));
    const listed = await deployerIn().list();
    expect(listed).toHaveLength(1);
    const alive = await Promise.all(both.map(({ url }) => fetch(url).then(String, () => undefined)));
    expect(alive.filter((answer) => answer !== undefined)).toHaveLength(1);
    await deployerIn().undeploy("birds");
  });

  test("whoever ended while it deployed holds up nobody", async () => {
    const state = join(project.directory, ".tenon-left");
    mkdirSync(join(state, "deployments"), { recursive: true });
    writeFileSync(join(state, "deployments/birds.json.lock"), String(spawnSync("true").pid));
    expect(await deployerIn(state).deploy(request)).toMatchObject({ status: "serving" });
    await deployerIn(state).undeploy("birds");
  });

  test("a record that is damaged, and a place for it that is none, are errors that name the file", async () => {
    const state = join(project.directory, ".tenon-damaged");
    mkdirSync(join(state, "deployments"), { recursive: true });
    writeFileSync(join(state, "deployments/birds.json"), '{"id":');
    const failed = (found: string) => ({ code: "DEPLOYMENT_FAILED", message: expect.stringContaining(found) });
    const damaged = failed("birds.json is not what was written there");
    await expect(deployerIn(state).list()).rejects.toMatchObject(damaged);
    await expect(deployerIn(state).undeploy("birds")).rejects.toMatchObject(damaged);
    await expect(deployerIn(state).deploy(request)).rejects.toMatchObject(damaged);
    const file = join(state, "deployments/birds.json");
    await expect(deployerIn(file).deploy(request)).rejects.toMatchObject(failed("can be written to"));
  });
});
