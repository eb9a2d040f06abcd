import { expect, test } from "vitest";
import { loadedModules } from "./loaded-modules.js";
import { type Project, project } from "./project.js";

/** A project that has what reads and writes TFRecord among its dependencies. */
function withTfrecord(files: Readonly<Record<string, string>>): Project {
  const there = project(files);
  const names = ["ml", "plugin-tensorflow", "tfrecord"];
  there.depend(Object.fromEntries(names.map((name) => [`@tenon/${name}`, `packages/${name}`])));
  return there;
}

test("a dataset that a step returns without having declared it is there for the next step, and in the next process", async () => {
  const there = withTfrecord({
    "pipeline.mjs": `import { pipeline, step } from "@tenon/core";
      import { tensorflow } from "@tenon/plugin-tensorflow";
      const make = step("make", async () => {
        const tf = await tensorflow();
        return tf.data.array([{ xs: tf.tensor1d([1, 2]), ys: 3 }, { xs: tf.tensor1d([3, 4]), ys: 5 }]).batch(2);
      });
      const sum = step("sum", async ({ data }) => {
        let total = 0;
        for await (const { xs, ys } of data) total += xs.sum().dataSync()[0] + ys.sum().dataSync()[0];
        return total;
      });
      export const sums = pipeline("sums", () => ({ total: sum({ data: make() }) }));`,
    "look.mjs": `import { Client } from "@tenon/core";
      const client = new Client();
      const data = await client.artifact("sums.make").get();
      const elements = [];
      await data.forEachAsync(({ xs, ys }) => elements.push([xs.shape, [...xs.dataSync()], [...ys.dataSync()]]));
      console.log(JSON.stringify(elements));
      await client.close();`,
  });
  const ran = await there.tenon("run", "pipeline.mjs");
  expect(ran.code, ran.stderr).toBe(0);
  expect((await there.tenon("artifact", "load", "sums.sum")).stdout.trim()).toBe("18");
  const looked = await there.node("look.mjs");
  expect(looked.stdout, looked.stderr).toBe("[[[2,2],[1,2,3,4],[3,5]]]\n");
});

test("event files are an artifact with curves in its metadata, for which TensorFlow.js is not loaded", async () => {
  const there = withTfrecord({
    "index.mjs": `import { Client, pipeline, run, step } from "@tenon/core";
      import { TensorBoardLog } from "@tenon/plugin-tensorflow";
      import { openEventWriter } from "@tenon/tfrecord";
      const train = step("train", async () => {
        const log = await openEventWriter("logs/train");
        for (const step of [1, 2, 3]) log.scalar("loss", 1 / step, { step });
        await log.close();
        return new TensorBoardLog("logs");
      });
      const last = step("last", async ({ log }) => (await log.scalars()).get("train/loss").at(-1).value);
      const { outputs } = await run(pipeline("logged", () => ({ last: last({ log: train() }) })));
      const client = new Client();
      const { metadata } = await client.artifacts.get("logged.train");
      console.log(JSON.stringify([await outputs.last.load(), metadata.tags, metadata["train/loss"].values.length]));
      await client.close();`,
  });
  const modules = await loadedModules(["index.mjs"], { cwd: there.directory });
  expect(modules.filter((path) => /@tensorflow\//.test(path))).toEqual([]);
  const again = await there.node("index.mjs");
  const tags = [{ tag: "train/loss", kind: "scalar", events: 3, first: 1, last: 3 }];
  expect(JSON.parse(again.stdout.trim().split("\n").at(-1) ?? ""), again.stderr).toEqual([Math.fround(1 / 3), tags, 3]);
});

test("a trainer's TensorBoard log is an artifact where it is asked for, also of steps in processes of their own", async () => {
  const there = withTfrecord({
    "tenon.yaml":
      "project: test\nstacks:\n  local:\n    orchestrator: { flavor: local/local, isolation: process }\n    artifactStore: { flavor: local/filesystem }\n    metadataStore: { flavor: local/sqlite }\n",
    "pipeline.mjs": `import { pipeline } from "@tenon/core";
      import { preprocess, standardise } from "@tenon/ml";
      import { feedForwardTrainer } from "@tenon/plugin-tensorflow";
      const rows = Array.from({ length: 40 }, (_, at) => ({ x: Math.sin(at), y: at % 2 ? "a" : "b" }));
      const modelFn = ({ tf, features, outputs, activation }) =>
        tf.sequential({ layers: [tf.layers.dense({ units: outputs, activation, inputShape: [features] })] });
      const defaults = { epochs: 3 };
      const prepare = preprocess({ features: { x: [standardise()] }, label: "y" });
      export const fit = feedForwardTrainer({ modelFn, defaults });
      export const logged = feedForwardTrainer({ modelFn, defaults, tensorBoardLog: true });
      const training = (step) => () => step({ train: rows, validation: null, ...prepare({ train: rows }) });
      export const withLog = pipeline("withLog", training(logged));
      export const without = pipeline("without", training(fit));`,
    "index.mjs": `import { Client, run } from "@tenon/core";
      import { without, withLog } from "./pipeline.mjs";
      const client = new Client();
      const { outputs, id } = await run(withLog);
      const curves = await (await outputs.log.load()).scalars();
      const history = await outputs.history.load();
      const { type, metadata } = await client.artifacts.get("withLog.fit.log");
      const again = await run(withLog, { cache: false });
      const digests = await Promise.all(["1", "2"].map(async (version) =>
        (await client.artifacts.get("withLog.fit.log", version)).digest));
      const silent = await run(without);
      const outputsOf = async (ran) => {
        const plan = await client.plan((await client.runs.get(ran.id)).plan);
        return plan.steps.find(({ id }) => id === "fit").outputs;
      };
      console.log(JSON.stringify({
        losses: curves.get("train/epoch_loss").map(({ value }) => value),
        history: history.map(({ loss }) => Math.fround(loss)),
        type, points: metadata["train/epoch_loss"].values.length,
        repeated: digests[0] === digests[1],
        outputs: [Object.keys(outputs), Object.keys(silent.outputs)],
        planned: [await outputsOf(again), await outputsOf(silent)],
      }));
      await client.close();`,
  });
  const ran = await there.node("index.mjs");
  expect(ran.code, ran.stderr).toBe(0);
  const found = JSON.parse(ran.stdout.trim().split("\n").at(-1) ?? "");
  expect(found.losses).toHaveLength(3);
  expect(found).toMatchObject({
    losses: found.history,
    type: "tensorflow/TensorBoardLog",
    points: 3,
    repeated: true,
    outputs: [
      ["model", "history", "log"],
      ["model", "history"],
    ],
  });
  const [{ log, ...others }, silent] = found.planned;
  expect(log.type).toBe("tensorflow/TensorBoardLog");
  expect(Object.keys(silent)).toEqual(Object.keys(others));
});
