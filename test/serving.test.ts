import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { Project } from "./project.js";

const pipeline = `
import { step } from "@tenon/core";
import { deploy, evaluate, impute, linear, oneHot, preprocess, randomSplit, register, rows, standardise, trainingPipeline } from "@tenon/ml";

const load = step({
  name: "load",
  output: rows,
  run: () => Array.from({ length: 120 }, (_, at) => ({
    size: at % 7 === 0 ? null : (at % 3) * 10 + (at % 5),
    side: at % 2 === 0 ? "left" : "right",
    kind: ["small", "middle", "large"][at % 3],
  })),
});
const cut = randomSplit({ train: 0.7, test: 0.3 });
const prepare = preprocess({ features: { size: [impute("mean"), standardise()], side: [oneHot()] }, label: "kind" });

export const sizes = trainingPipeline({
  name: "sizes",
  data: load,
  split: cut,
  preprocess: prepare,
  train: linear({ epochs: 200 }),
  evaluate: evaluate({ slices: ["side"] }),
  register: register({ better: false }),
});

export const served = trainingPipeline({
  name: "served",
  data: load,
  split: cut,
  preprocess: prepare,
  train: linear({ epochs: 100 }),
  register: register(),
  deploy: deploy({ stage: "production" }),
});
`;

function birdProject(config = ""): Project {
  const project = new Project({ "pipeline.ts": pipeline });
  if (config !== "") project.write("tenon.yaml", config);
  project.depend({ "@tenon/ml": "packages/ml" });
  return project;
}

async function ok(project: Project, ...argv: string[]): Promise<string> {
  const { code, stdout, stderr } = await project.tenon(...argv);
  expect(code, stderr).toBe(0);
  return stdout;
}

const predict = async (url: string, model: string) => {
  const body = JSON.stringify({
    instances: [
      { size: 0, side: "left" },
      { size: 24, side: "right" },
    ],
  });
  const response = await fetch(`${url}/v1/models/${model}:predict`, { method: "POST", body });
  return ((await response.json()) as { predictions: { prediction: string }[] }).predictions.map(
    (one) => one.prediction,
  );
};
const versionAt = async (url: string) =>
  ((await (await fetch(`${url}/v2/models/sizes`)).json()) as { versions: string[] }).versions[0];

describe("tenon model deploy", () => {
  let project: Project;
  beforeAll(async () => {
    project = birdProject();
    await ok(project, "run", "pipeline.ts", "--pipeline", "sizes");
    return () => project.remove();
  });

  test("serves a version by a process of its own, lists it, takes over the next one, and ends it", async () => {
    const { url, version, stage } = JSON.parse(await ok(project, "model", "deploy", "sizes@production", "--json"));
    try {
      expect([version, stage]).toEqual(["1", "production"]);
      expect(await predict(url, "sizes")).toEqual(["small", "large"]);
      expect(await ok(project, "model", "deployments")).toMatch(/sizes +sizes +1 +production +serving +http:/);
      await ok(project, "run", "pipeline.ts", "--pipeline", "sizes", "--param", "train.epochs=150");
      const { pid } = JSON.parse(project.read(".tenon/deployments/sizes.json"));
      process.kill(pid, "SIGHUP");
      await expect.poll(() => versionAt(url), { timeout: 20_000 }).toBe("2");
    } finally {
      await ok(project, "model", "undeploy", "sizes");
    }
    await expect(fetch(url)).rejects.toThrow();
    expect(JSON.parse(await ok(project, "model", "deployments", "--json"))).toEqual([]);
    expect(project.read(".tenon/deployments/sizes.log")).toContain("every request is answered; it has ended");
  });

  test("replaces what is served under the same name", async () => {
    const first = JSON.parse(await ok(project, "model", "deploy", "sizes@1", "--name", "one", "--json"));
    const second = JSON.parse(await ok(project, "model", "deploy", "sizes@1", "--name", "one", "--json"));
    await expect(fetch(first.url)).rejects.toThrow();
    expect(await predict(second.url, "sizes")).toEqual(["small", "large"]);
    await ok(project, "model", "undeploy", "one");
  });

  test("says what is wrong, with the code that the server's process gave", async () => {
    const missing = await project.tenon("model", "deploy", "size");
    expect([missing.code, missing.stderr]).toEqual([2, expect.stringMatching(/MODEL_UNKNOWN[\s\S]*sizes/)]);
    const none = await project.tenon("model", "undeploy", "other");
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining("DEPLOYMENT_UNKNOWN")]);
    const stack = await project.tenon("model", "deployments", "--stack", "lcal");
    expect([stack.code, stack.stderr]).toEqual([2, expect.stringMatching(/STACK_UNKNOWN[\s\S]*local/)]);
    const port = await project.tenon("model", "deploy", "sizes", "--port", "many");
    expect(port.stderr).toContain("'many' is no port");
    expect(JSON.parse(await ok(project, "model", "deployments", "--json"))).toEqual([]);
  });

  test("takes a deployment whose process is gone for stopped", async () => {
    await ok(project, "model", "deploy", "sizes", "--name", "gone");
    process.kill(JSON.parse(project.read(".tenon/deployments/gone.json")).pid, "SIGKILL");
    await expect
      .poll(async () => JSON.parse(await ok(project, "model", "deployments", "--json"))[0].status, { timeout: 20_000 })
      .toBe("stopped");
    await ok(project, "model", "undeploy", "gone");
  });

  test("the notebook of a run runs, and loads what that run has made", async () => {
    await ok(project, "artifact", "load", "sizes.evaluate.notebook", "--output", "evaluation.ipynb");
    const { cells } = JSON.parse(readFileSync(project.path("evaluation.ipynb"), "utf8"));
    const code = cells.flatMap((cell: { cell_type: string; source: string[] }) =>
      cell.cell_type === "code" ? [cell.source.join("")] : [],
    );
    project.install(
      "tslab",
      { exports: "./index.js" },
      { "index.js": "export const display = { html: (page) => console.log(page.slice(0, 15)) };" },
    );
    project.write("notebook.ts", code.join("\n"));
    project.write(
      "run-notebook.mjs",
      `await (await import("@tenon/core/internal")).importModule("${project.path("notebook.ts")}");\n`,
    );
    const { code: exit, stdout, stderr } = await project.node("run-notebook.mjs");
    expect(exit, stderr).toBe(0);
    expect(stdout).toMatch(/succeeded[\s\S]*accuracy[\s\S]*<!doctype html>[\s\S]*evaluate[\s\S]*probabilities/);
  });
});

test("a pipeline deploys by the model deployer of its stack", async () => {
  const local = "orchestrator: local/local\n    artifactStore: local/filesystem\n    metadataStore: local/sqlite";
  const project = birdProject(
    `project: test\nstack: here\nstacks:\n  here:\n    ${local}\n    modelDeployer: ml/local\n`,
  );
  try {
    await ok(project, "run", "pipeline.ts", "--pipeline", "served");
    const [deployment] = JSON.parse(await ok(project, "model", "deployments", "--json"));
    expect(deployment).toMatchObject({ name: "served", version: "1", stage: "production", status: "serving" });
    expect(await predict(deployment.url, "served")).toEqual(["small", "large"]);
    await ok(project, "model", "undeploy", "served");
  } finally {
    project.remove();
  }
});

test("without @tenon/ml the command says how to get it", async () => {
  const project = new Project();
  const { code, stderr } = await project.tenon("model", "deploy", "sizes");
  expect(code).not.toBe(0);
  expect(stderr).toContain("INTEGRATION_UNKNOWN");
  expect(stderr).toContain("npm install @tenon/ml");
  project.remove();
});
