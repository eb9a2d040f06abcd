import { testMaterializer } from "@tenon/core/testing";
import type { LayersModel } from "@tensorflow/tfjs";
import { describe, expect, test } from "vitest";
import { tensorflow } from "../index.js";
import { filesOf, readerOf } from "../testing/artifact-files.js";
import { materializer } from "./layers-model.js";

const tf = await tensorflow();
const seeded = (seed: number) => tf.initializers.glorotUniform({ seed });

/** A network that can be trained on, before or after some training. */
async function network(epochs = 0, dropout = 0): Promise<LayersModel> {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 8, activation: "relu", inputShape: [4], kernelInitializer: seeded(1) }),
      tf.layers.batchNormalization(),
      tf.layers.dropout({ rate: dropout }),
      tf.layers.dense({ units: 3, activation: "softmax", kernelInitializer: seeded(2) }),
    ],
  });
  model.compile({ optimizer: tf.train.adam(0.02), loss: "categoricalCrossentropy", metrics: ["accuracy"] });
  await train(model, epochs);
  return model;
}

async function train(model: LayersModel, epochs: number): Promise<number[]> {
  const [xs, ys] = [
    tf.randomUniform([30, 4], 0, 1, "float32", 5),
    tf.oneHot(
      tf.tensor1d(
        Array.from({ length: 30 }, (_, row) => row % 3),
        "int32",
      ),
      3,
    ),
  ];
  if (epochs === 0) return [];
  const { history } = await model.fit(xs, ys, { epochs, shuffle: false, verbose: 0 });
  return history.loss as number[];
}

function branched(): LayersModel {
  const [a, b] = [tf.input({ shape: [2] }), tf.input({ shape: [3], name: "numbers" })];
  const left = tf.layers.dense({ units: 2, kernelInitializer: seeded(3) }).apply(a) as typeof a;
  const both = tf.layers.concatenate().apply([left, b]) as typeof a;
  const last = tf.layers.dense({ units: 1, name: "price", kernelInitializer: seeded(4) });
  return tf.model({ inputs: [a, b], outputs: last.apply(both) as typeof a });
}

function recurrent(): LayersModel {
  const lstm = tf.layers.lstm({
    units: 2,
    kernelInitializer: seeded(5),
    recurrentInitializer: tf.initializers.orthogonal({ seed: 6, gain: 1 }),
  });
  return tf.sequential({
    layers: [
      tf.layers.embedding({ inputDim: 9, outputDim: 3, inputLength: 4, embeddingsInitializer: seeded(7) }),
      tf.layers.bidirectional({ layer: lstm as never, mergeMode: "concat" }),
    ],
  });
}

const bytes = async (model: LayersModel) => await filesOf(materializer, model);

testMaterializer<LayersModel>({
  test,
  materializer,
  samples: async () => [await network(), await network(2), branched(), convolutional()],
  equal: async (a, b) => JSON.stringify(await texts(a)) === JSON.stringify(await texts(b)),
  refuses: [null, 1, {}, { layers: [] }, tf.scalar(1), tf.sequential()],
});

function convolutional(): LayersModel {
  return tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [6, 6, 1], kernelInitializer: seeded(8) }),
      tf.layers.flatten(),
    ],
  });
}

async function texts(model: LayersModel): Promise<unknown> {
  const files = await bytes(model);
  return Object.entries(files).map(([path, body]) => [path, Buffer.from(body).toString("base64")]);
}

describe("a model of layers", () => {
  test("predicts the same after it was loaded", async () => {
    const xs = tf.randomUniform([5, 4], 0, 1, "float32", 9);
    const model = await network(3);
    const loaded = await materializer.load(readerOf(await bytes(model)));
    const outputs = [model, loaded].map((one) => [...(one.predict(xs) as typeof xs).dataSync()]);
    expect(outputs[1]).toEqual(outputs[0]);
  });

  test("goes on training as if it had never been saved", async () => {
    const model = await network(3);
    const loaded = await materializer.load(readerOf(await bytes(model)));
    expect(await train(loaded, 3)).toEqual(await train(model, 3));
    expect(await texts(loaded)).toEqual(await texts(model));
  });

  test("is the same bytes whatever the process has made before", async () => {
    const first = await texts(await network(2));
    branched();
    expect(await texts(await network(2))).toEqual(first);
    const rnn = await texts(recurrent());
    expect(await texts(recurrent())).toEqual(rnn);
  });

  test("keeps the names that somebody chose", async () => {
    const loaded = await materializer.load(readerOf(await bytes(branched())));
    expect(loaded.getLayer("price").name).toBe("price");
    expect(loaded.inputNames).toContain("numbers");
  });

  test("says what it is without being loaded", async () => {
    expect(materializer.metadata?.(await network(1))).toEqual({
      layers: ["Dense", "BatchNormalization", "Dropout", "Dense"],
      parameters: 99,
      inputs: ["float32 [?, 4]"],
      outputs: ["float32 [?, 3]"],
      optimizer: "Adam",
    });
    const [summary] = (await materializer.visualize?.(await network())) ?? [];
    expect(summary?.body).toMatch(/^layer +gives +parameters\nDense +\[\?, 8\] +40\n[\s\S]*99 parameters\n$/);
  });
});

describe("a model that cannot be read", () => {
  async function spoilt(change: (json: Record<string, unknown>) => void): Promise<unknown> {
    const files = await bytes(await network(1));
    const json = JSON.parse(Buffer.from(files["model.json"] as Uint8Array).toString());
    change(json);
    return materializer.load(readerOf({ ...files, "model.json": JSON.stringify(json) }));
  }

  test("was saved by a newer version: which, and which is installed", async () => {
    const loading = spoilt((json) => {
      json.generatedBy = "TensorFlow.js tfjs-layers v5.1.0";
    });
    await expect(loading).rejects.toMatchObject({
      code: "ARTIFACT_FORMAT_UNREADABLE",
      message: expect.stringMatching(/saved by TensorFlow\.js tfjs-layers v5\.1\.0, and this is version 4\.22\.0/),
    });
  });

  test("has a layer that nobody registered: its name, and how to", async () => {
    const loading = spoilt(({ modelTopology }) => {
      (modelTopology as { config: { layers: { class_name: string }[] } }).config.layers[1] = {
        class_name: "Antirectifier",
        config: { name: "mine" },
      } as never;
    });
    await expect(loading).rejects.toMatchObject({
      code: "LAYER_UNKNOWN",
      message: expect.stringMatching(/'Antirectifier'.*registerClass\(Antirectifier\)/),
    });
  });

  test("is a model of another kind", async () => {
    const loading = spoilt((json) => {
      json.format = "graph-model";
    });
    await expect(loading).rejects.toMatchObject({ code: "ARTIFACT_FORMAT_UNREADABLE" });
  });

  test("has lost weights", async () => {
    const files = await bytes(await network(1));
    const weights = (files["weights.bin"] as Uint8Array).slice(4);
    await expect(materializer.load(readerOf({ ...files, "weights.bin": weights }))).rejects.toMatchObject({
      code: "MATERIALIZER_FAILED",
    });
  });

  test("has no topology", async () => {
    const loading = spoilt((json) => {
      delete json.modelTopology;
    });
    await expect(loading).rejects.toMatchObject({
      code: "MATERIALIZER_FAILED",
      message: expect.stringContaining("modelTopology"),
    });
  });
});
