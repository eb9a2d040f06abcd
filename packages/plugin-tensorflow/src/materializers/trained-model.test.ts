import { testMaterializer } from "@tenon/core/testing";
import { fitTransform, standardise } from "@tenon/ml";
import { expect, test } from "vitest";
import { feedForwardTrainer, type TensorFlowModel, tensorflow } from "../index.js";
import { filesOf, readerOf } from "../testing/artifact-files.js";
import { type TrainingCheckpoint, takeCheckpoint } from "../training/checkpoint.js";
import { materializer } from "./trained-model.js";
import { materializer as checkpoints } from "./training-checkpoint.js";

const tf = await tensorflow();
const rows = Array.from({ length: 30 }, (_, at) => ({ x: Math.sin(at), side: at % 2 ? "left" : "right" }));
const transform = fitTransform(rows, { features: { x: [standardise()] }, label: "side" });
const fit = feedForwardTrainer({
  modelFn: ({ tf, features, outputs, activation }) =>
    tf.sequential({ layers: [tf.layers.dense({ units: outputs, activation, inputShape: [features] })] }),
});

async function trained(seed: number): Promise<TensorFlowModel> {
  const params = { epochs: 1, batchSize: 10, learningRate: 0.1, optimizer: "adam", seed };
  const made = await (fit.run({ train: rows, transform } as never, { params } as never) as Promise<{
    model: TensorFlowModel;
  }>);
  return made.model;
}

const same = async <T>(a: T, b: T, files: (value: T) => Promise<Record<string, Uint8Array>>) =>
  JSON.stringify(await files(a)) === JSON.stringify(await files(b));

testMaterializer<TensorFlowModel>({
  test,
  prefix: "a trained model",
  materializer,
  samples: async () => [await trained(1), await trained(2)],
  equal: (a, b) => same(a, b, (model) => filesOf(materializer, model)),
  refuses: [null, {}, transform],
});

async function checkpoint(units: number): Promise<TrainingCheckpoint> {
  const model = tf.sequential({ layers: [tf.layers.dense({ units, inputShape: [2], kernelInitializer: "ones" })] });
  model.compile({ optimizer: "adam", loss: "meanSquaredError" });
  await model.trainOnBatch(tf.ones([4, 2]), tf.ones([4, units]));
  return takeCheckpoint(tf, { model, callbacks: [] }, [{ epoch: units, loss: 1 }]);
}

testMaterializer<TrainingCheckpoint>({
  test,
  prefix: "a checkpoint",
  materializer: checkpoints,
  samples: async () => [await checkpoint(1), await checkpoint(2)],
  equal: (a, b) => same(a, b, (value) => filesOf(checkpoints, value)),
  refuses: [null, {}],
});

test("a trained model predicts the same after it was loaded, and frees its memory", async () => {
  const before = tf.memory().numTensors;
  const model = await trained(3);
  const loaded = await materializer.load(readerOf(await filesOf(materializer, model)));
  expect(await loaded.predict([{ x: 0.3 }])).toEqual(await model.predict([{ x: 0.3 }]));
  const [one, other] = [await model.network(), await loaded.network()];
  for (const each of [model, loaded]) each.dispose();
  await Promise.resolve();
  expect([one, other].every((network) => network.getWeights !== undefined)).toBe(true);
  expect(tf.memory().numTensors).toBe(before);
});

test("what it is can be read without loading it", async () => {
  expect(materializer.metadata?.(await trained(1))).toMatchObject({
    parameters: 4,
    trainedModel: { framework: "tensorflow", task: "classification", label: "side", classes: ["left", "right"] },
  });
});
