import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "@tenon/core";
import { afterAll, beforeAll, describe, test } from "vitest";
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

  testModelDeployer({
    test,
    create: () => ({
      deployer: new LocalModelDeployer({
        config: { host: "127.0.0.1", port: 0, largestBody: 1_000_000 },
        project: { name: "test", root: project.directory, stateDirectory: join(project.directory, ".tenon") },
        stack: { name: "local" },
      }),
      request: { model: "birds", version: "1" },
    }),
  });
});
