import { fitTransform, type Row, standardise } from "@tenon/ml";
import { expect, test } from "vitest";
import { earlyStopping, feedForwardTrainer, type TensorFlowModel, tensorflow } from "../index.js";
import { materializer } from "../materializers/training-checkpoint.js";
import { filesOf, readerOf } from "../testing/artifact-files.js";
import type { TrainingCheckpoint } from "./checkpoint.js";

const tf = await tensorflow();
const rows: Row[] = Array.from({ length: 90 }, (_, at) => ({ x: Math.sin(at) * 2, y: at % 3 === 0 ? "a" : "b" }));
const transform = fitTransform(rows, { features: { x: [standardise()] }, label: "y" });
const inputs = { train: rows.slice(0, 70), validation: rows.slice(70), transform };

/** Keeps checkpoints as the artifact store would: through files. */
class Kept {
  files: Record<string, Uint8Array> | undefined;
  saved = 0;

  async save(value: unknown): Promise<void> {
    this.files = await filesOf(materializer, value as TrainingCheckpoint);
    this.saved++;
  }
  async latest(): Promise<TrainingCheckpoint | undefined> {
    return this.files && (await materializer.load(readerOf(this.files)));
  }
}

const trained = async (optimizer: string, checkpoints: Kept, breakAfter?: number, told: string[] = []) => {
  const fit = feedForwardTrainer({
    checkpointEvery: 2,
    modelFn: ({ tf, features, outputs, activation }) =>
      tf.sequential({
        layers: [
          tf.layers.dense({ units: 8, activation: "tanh", inputShape: [features] }),
          tf.layers.dropout({ rate: 0.2 }),
          tf.layers.batchNormalization(),
          tf.layers.dense({ units: outputs, activation }),
        ],
      }),
    callbacks: () => [
      earlyStopping({ patience: 20 }),
      {
        recall: () => void told.push("recall"),
        begin: () => void told.push("begin"),
        epochEnd: ({ epoch }) => {
          if (epoch === breakAfter) throw new Error("the machine went down");
        },
      },
    ],
  });
  const params = { epochs: 9, batchSize: 16, learningRate: 0.05, optimizer, seed: 3 };
  return (await fit.run(inputs, { params, checkpoints } as never)) as { model: TensorFlowModel; history: unknown[] };
};

const weights = ({ artifacts }: TensorFlowModel) => Buffer.from(artifacts.weightData as ArrayBuffer).toString("base64");

test.each(["adam", "rmsprop", "sgd", "adagrad"])(
  "training that goes on from a checkpoint ends as if it had not been interrupted, byte for byte: %s",
  async (optimizer) => {
    const whole = await trained(optimizer, new Kept());
    const before = tf.memory().numTensors;
    const kept = new Kept();
    await expect(trained(optimizer, kept, 7)).rejects.toThrow("the machine went down");
    expect((await kept.latest())?.epoch).toBe(6);
    const resumed = await trained(optimizer, kept);
    expect(resumed.history).toEqual(whole.history);
    expect(weights(resumed.model)).toBe(weights(whole.model));
    expect(tf.memory().numTensors).toBe(before);
  },
);

test("a callback recalls what it has remembered before it begins", async () => {
  const [kept, told]: [Kept, string[]] = [new Kept(), []];
  await expect(trained("sgd", kept, 3, told)).rejects.toThrow("the machine went down");
  await trained("sgd", kept, undefined, told);
  expect(told).toEqual(["begin", "recall", "begin"]);
});

test("training goes on from a checkpoint whose metrics are no finite numbers, and ends as it would have", async () => {
  const infinite = [Number.POSITIVE_INFINITY, Number.NaN, Number.POSITIVE_INFINITY, 1, 2, 3];
  const train = async (checkpoints: Kept, breakAfter?: number) => {
    const fit = feedForwardTrainer({
      checkpointEvery: 1,
      modelFn: ({ tf, outputs }) => tf.sequential({ layers: [tf.layers.dense({ units: outputs, inputShape: [1] })] }),
      callbacks: () => [earlyStopping({ patience: 3 })],
      loop: async (_, __, { first, epochEnd }) => {
        for (let epoch = first; epoch <= infinite.length; epoch++) {
          if (epoch === breakAfter) throw new Error("the machine went down");
          if (await epochEnd({ epoch, metrics: { loss: 0.5, val_loss: infinite[epoch - 1] as number } })) return;
        }
      },
    });
    const params = { epochs: 9, batchSize: 16, learningRate: 0.05, optimizer: "sgd", seed: 3 };
    return (await fit.run(inputs, { params, checkpoints } as never)) as { model: TensorFlowModel; history: unknown[] };
  };
  const kept = new Kept();
  await expect(train(kept, 3)).rejects.toThrow("the machine went down");
  const [resumed, whole] = [await train(kept), await train(new Kept())];
  expect(resumed.history).toEqual(whole.history);
  expect(weights(resumed.model)).toBe(weights(whole.model));
});
