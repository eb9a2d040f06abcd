import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadedModules, packagesOf } from "./loaded-modules.js";
import { type Project, project } from "./project.js";
import { workspace } from "./sources.js";

const tensorflow = /^(@tensorflow\/.*|plugin-tensorflow)$/;
const tenon = join(workspace, "packages/cli/bin/tenon.js");

/** A project with plugin-tensorflow among its dependencies. */
function withTensorFlow(files: Readonly<Record<string, string>>): Project {
  const there = project(files);
  there.depend({ "@tenon/plugin-tensorflow": "packages/plugin-tensorflow", "@tenon/ml": "packages/ml" });
  return there;
}

const loadedBy = async (there: Project, ...argv: string[]) =>
  packagesOf(await loadedModules(argv, { cwd: there.directory })).filter((name) => tensorflow.test(name));

const models = `import { pipeline, step } from "@tenon/core";
import { layersModel, tensorflow } from "@tenon/plugin-tensorflow";
export const build = step({ name: "build", output: layersModel, cache: false, async run() {
  const tf = await tensorflow();
  return tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2], kernelInitializer: "ones" })] });
} });
export const look = step({ name: "look", inputs: { model: layersModel }, run: ({ model }) => model.countParams() });
export const models = pipeline("models", () => ({ parameters: look({ model: build() }) }));`;

describe("a project with plugin-tensorflow installed", () => {
  test("loads none of it for a pipeline without tensors, nor for looking at its runs", async () => {
    const there = withTensorFlow({
      "pipeline.mjs": `import { pipeline, step } from "@tenon/core";
        const add = step("add", ({ x }) => x + 1);
        export const sum = pipeline("sum", () => ({ y: add({ x: 1 }) }));`,
    });
    expect(await loadedBy(there, tenon, "run", "pipeline.mjs")).toEqual([]);
    expect(await loadedBy(there, tenon, "run", "list")).toEqual([]);
    expect(await loadedBy(there, tenon, "integration", "list")).toEqual([]);
  });

  test("loads it where a LayersModel is made or read, and not where runs and artifacts are listed", async () => {
    const there = withTensorFlow({ "pipeline.mjs": models });
    expect(await loadedBy(there, tenon, "run", "pipeline.mjs")).toEqual(
      expect.arrayContaining(["@tensorflow/tfjs", "@tensorflow/tfjs-backend-wasm", "plugin-tensorflow"]),
    );
    expect(await loadedBy(there, tenon, "run", "list")).toEqual([]);
    expect(await loadedBy(there, tenon, "run", "show")).toEqual([]);
    expect(await loadedBy(there, tenon, "artifact", "show", "models.build")).toEqual([]);
    expect(await loadedBy(there, tenon, "artifact", "load", "models.build", "--output", "model")).toEqual([]);
  });

  test("loads it in the process of the step and not in that of the run, where steps have processes of their own", async () => {
    const there = withTensorFlow({
      "tenon.yaml":
        "project: test\nstacks:\n  local:\n    orchestrator: { flavor: local/local, isolation: process }\n    artifactStore: { flavor: local/filesystem }\n    metadataStore: { flavor: local/sqlite }\n",
      "pipeline.mjs": `${models}\nexport const isLoaded = () => "_tfengine" in globalThis;`.replace(
        "model.countParams()",
        "[model.countParams(), isLoaded()]",
      ),
      "index.mjs": `import { run } from "@tenon/core"; import { isLoaded, models } from "./pipeline.mjs";
        const { outputs } = await run(models);
        console.log(JSON.stringify([await outputs.parameters.load(), isLoaded()]));`,
    });
    const ended = await there.node("index.mjs");
    expect(ended.stdout, ended.stderr).toBe("[[3,true],false]\n");
  });

  test("loads nothing but core for importing the main module, whose trainers are steps", async () => {
    const there = withTensorFlow({
      "index.mjs":
        'import { feedForwardTrainer, layersModel } from "@tenon/plugin-tensorflow"; if (!layersModel || !feedForwardTrainer({ modelFn() {} })) throw 1;',
    });
    const modules = await loadedModules(["index.mjs"], { cwd: there.directory });
    expect(packagesOf(modules).filter((name) => !name.endsWith("index.mjs"))).toEqual(["core", "plugin-tensorflow"]);
    expect(modules.filter((path) => path.includes("packages/plugin-tensorflow/")).length).toBeLessThanOrEqual(3);
  });

  test("saves a model, or a tensor, that a step returns without having declared it", async () => {
    const there = withTensorFlow({
      "pipeline.mjs": models
        .replace("output: layersModel, ", "")
        .replace("look({ model: build() })", "look({ model: build() }), tensor: zeros()")
        .concat('const zeros = step("zeros", async () => (await tensorflow()).zeros([2]));'),
    });
    const ran = await there.tenon("run", "pipeline.mjs");
    expect(ran.code, ran.stderr).toBe(0);
    const types = await Promise.all(
      ["models.build", "models.zeros"].map(
        async (name) => JSON.parse((await there.tenon("artifact", "show", name, "--json")).stdout).type,
      ),
    );
    expect(types).toEqual(["tensorflow/LayersModel", "tensorflow/Tensor"]);
  });
});
