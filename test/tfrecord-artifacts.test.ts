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
