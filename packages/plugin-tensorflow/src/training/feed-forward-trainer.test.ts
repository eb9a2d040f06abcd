import type { ClassPredictions, Row, TrainerStep } from "@tenon/ml";
import { fitTransform, standardise, trainer } from "@tenon/ml";
import { describe, expect, expectTypeOf, test, vi } from "vitest";
import { z } from "zod";
import {
  earlyStopping,
  feedForwardTrainer,
  type NetworkRequest,
  type TensorFlowModel,
  tensorflow,
  tensorflowTrainer,
} from "../index.js";
import { materializer } from "../materializers/trained-model.js";
import { filesOf } from "../testing/artifact-files.js";

const tf = await tensorflow();

/** Points of three bands, which a straight line cannot part. */
const points: Row[] = Array.from({ length: 150 }, (_, at) => {
  const [x, y] = [Math.sin(at * 12.9898) * 3, Math.cos(at * 78.233) * 3];
  return {
    x,
    y,
    band: ["near", "middle", "far"][Math.min(2, Math.floor(Math.hypot(x, y) / 1.5))] as string,
    reach: Math.hypot(x, y),
  };
});
const features = { x: [standardise()], y: [standardise()] };
const transform = fitTransform(points, { features, label: "band" });
const inputs = { train: points.slice(0, 120), validation: points.slice(120), transform };
const params = { epochs: 3, batchSize: 16, learningRate: 0.01, optimizer: "adam" as const, seed: 1 };

/** Its weights and its dropout have no seeds of their own. */
const modelFn = ({ tf, features, outputs, activation }: NetworkRequest) =>
  tf.sequential({
    layers: [
      tf.layers.dense({ units: 16, activation: "relu", inputShape: [features] }),
      tf.layers.dropout({ rate: 0.1 }),
      tf.layers.dense({ units: outputs, activation }),
    ],
  });

type Made = Promise<{ model: TensorFlowModel; history: Record<string, number>[] }>;
const fit = feedForwardTrainer({ modelFn });
const train = (step: { run: typeof fit.run } = fit, context: object = {}, given: object = inputs) =>
  step.run(given as never, { params, ...context } as never) as Made;
const bytes = async (model: TensorFlowModel) =>
  Object.values(await filesOf(materializer, model)).map((file) => Buffer.from(file).toString("base64"));

describe("a feed-forward trainer", () => {
  test("is a trainer step, and a modelFn is enough for it", async () => {
    expectTypeOf(fit).toExtend<TrainerStep>();
    const { model, history } = await train(fit, { params: { ...params, epochs: 40 } });
    expect(history.length).toBe(40);
    expect(Object.keys(history[0] ?? {})).toEqual(["epoch", "loss", "acc", "val_loss", "val_acc"]);
    expect(history.at(-1)?.val_acc).toBeGreaterThan(0.7);
    const predicted = await model.predict([
      { x: 0.1, y: 0.1 },
      { x: 3, y: 3 },
    ]);
    const { classes, probabilities } = predicted as ClassPredictions;
    const [near, far] = ["near", "far"].map((band) => classes.indexOf(band)) as [number, number];
    expect(probabilities[near]).toBeGreaterThan(probabilities[3 + near] as number);
    expect(probabilities[3 + far]).toBeGreaterThan(0.5);
    model.dispose();
  });

  test("gives equal bytes for equal seeds, and others for another", async () => {
    const once = await train();
    const [again, other] = await Promise.all([train(), train(fit, { params: { ...params, seed: 2 } })]);
    expect(await bytes(again.model)).toEqual(await bytes(once.model));
    expect(again.history).toEqual(once.history);
    expect(await bytes(other.model)).not.toEqual(await bytes(once.model));
  });

  test("leaves the random numbers of others alone", async () => {
    const original = Math.random;
    const training = train();
    const drawn = new Set(Array.from({ length: 20 }, () => Math.random()));
    await training;
    expect(Math.random).toBe(original);
    expect(drawn.size).toBe(20);
  });

  test("ends after 50 epochs with as many tensors as it began with", async () => {
    const before = tf.memory().numTensors;
    await train(feedForwardTrainer({ modelFn, callbacks: () => [earlyStopping({ patience: 50 })] }), {
      params: { ...params, epochs: 50, batchSize: 64 },
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  test("predicts numbers where the label is a number", async () => {
    const ofReach = { ...inputs, transform: fitTransform(points, { features, label: "reach" }) };
    const { model, history } = await train(fit, { params: { ...params, epochs: 60 } }, ofReach);
    expect(Object.keys(history[0] ?? {})).toEqual(["epoch", "loss", "mae", "val_loss", "val_mae"]);
    const { values } = (await model.predict([
      { x: 0, y: 0 },
      { x: 3, y: 0 },
    ])) as { values: Float64Array };
    expect(values[0]).toBeLessThan(values[1] as number);
    model.dispose();
  });

  test("tells how far it is, and records the curves", async () => {
    const progress = vi.fn();
    const metadata = vi.fn();
    const nothing = () => {};
    await train(fit, { log: { progress, info: nothing, warn: nothing, debug: nothing, error: nothing }, metadata });
    expect(progress.mock.calls.map(([done, total]) => [done, total])).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
    expect(progress.mock.calls[0]?.[2]).toMatchObject({
      label: "epoch",
      loss: expect.any(Number),
      val_loss: expect.any(Number),
    });
    const [[recorded]] = metadata.mock.calls as [[{ model: Record<string, unknown> }]];
    expect(recorded.model).toMatchObject({ epochs: 3, loss: expect.any(Number), loss_by_epoch: { kind: "series" } });
  });

  test("declares what @tenon/ml declares for trainers", () => {
    expect(fit.inputs).toMatchObject({ train: trainer.inputs.train, transform: trainer.inputs.transform });
    expect(Object.keys(fit.inputs ?? {})).toEqual(Object.keys(trainer.inputs));
  });

  test("has parameters of its own beside those of every trainer", async () => {
    const own = feedForwardTrainer({ params: { units: z.int().default(4) }, modelFn, defaults: { epochs: 7 } });
    const { validate } = (own.params as NonNullable<typeof own.params>)["~standard"];
    const value = { epochs: 7, batchSize: 32, learningRate: 0.001, optimizer: "adam", seed: 1, units: 4 };
    expect(await validate({})).toEqual({ value });
    expect(Object.keys((own.params as unknown as { shape: object }).shape)).toEqual(Object.keys(value));
    expect(await validate({ epochs: 0 })).toMatchObject({ issues: [{ path: ["epochs"] }] });
  });

  test("takes images in the shape of the network's input", async () => {
    const reshaped = feedForwardTrainer({
      modelFn: ({ tf, outputs, activation }) =>
        tf.sequential({
          layers: [
            tf.layers.conv1d({ filters: 4, kernelSize: 2, inputShape: [2, 1] }),
            tf.layers.flatten(),
            tf.layers.dense({ units: outputs, activation }),
          ],
        }),
    });
    const { model } = await train(reshaped);
    await model.predict([{ x: 0, y: 0 }]);
    model.dispose();
  });
});

describe("parts of a trainer", () => {
  test("can be replaced: how it is compiled, how batches are made, the loop", async () => {
    const seen: string[] = [];
    const own = feedForwardTrainer({
      modelFn,
      compile: (tf, model) => {
        seen.push("compile");
        model.compile({ optimizer: tf.train.sgd(0.1), loss: "categoricalCrossentropy", metrics: ["accuracy"] });
      },
      loop: async (training, data, { epochEnd }) => {
        seen.push(`loop over ${data.train.rows}`);
        const { xs, ys } = data.train.batch(Uint32Array.of(0, 1));
        expect([(xs as { shape: number[] }).shape, (ys as { shape: number[] }).shape]).toEqual([
          [2, 2],
          [2, 3],
        ]);
        training.tf.dispose([xs, ys] as never);
        await epochEnd({ epoch: 1, metrics: { loss: 1 } });
      },
    });
    await train(own);
    expect(seen).toEqual(["compile", "loop over 120"]);
  });

  test("below it is a trainer for any way to train", async () => {
    const own = tensorflowTrainer({
      name: "own",
      params: z.object({ seed: z.int().default(1) }),
      async train({ train, transform }, { tf }) {
        const model = modelFn({ tf, features: 2, outputs: 3, activation: "softmax" } as never);
        expect([train.length, transform.classes?.length]).toEqual([120, 3]);
        return model;
      },
    });
    expectTypeOf(own).toExtend<TrainerStep>();
    const [one, two] = [await train(own as never), await train(own as never)];
    expect(await bytes(one.model)).toEqual(await bytes(two.model));
  });
});

describe("early stopping", () => {
  const values = (list: number[], options: object) =>
    train(
      feedForwardTrainer({
        modelFn,
        callbacks: () => [earlyStopping(options)],
        loop: async ({ model, tf }, _, { epochEnd }) => {
          for (const [at, value] of list.entries()) {
            model.setWeights(model.getWeights().map((weight) => tf.fill(weight.shape, at + 1)));
            if (await epochEnd({ epoch: at + 1, metrics: { loss: 0, val_loss: value, val_acc: value } })) return;
          }
        },
      }),
    );
  const weightsOf = ({ artifacts }: TensorFlowModel) => new Float32Array(artifacts.weightData as ArrayBuffer)[0];

  test("ends when a metric has not become better, with the weights that were best", async () => {
    const { model, history } = await values([3, 2, 1, 2, 2, 0], { patience: 2 });
    expect(history.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5]);
    expect(weightsOf(model)).toBe(3);
  });

  test("knows that accuracy is to grow", async () => {
    const { model, history } = await values([1, 2, 1, 1], { patience: 2, monitor: "val_acc" });
    expect(history.length).toBe(4);
    expect(weightsOf(model)).toBe(2);
  });

  test("takes any number for better than none", async () => {
    const { model, history } = await values([Number.NaN, 3, Number.NaN, 2, Number.NaN, 4], { patience: 3 });
    expect(history.length).toBe(6);
    expect(weightsOf(model)).toBe(4);
  });

  test("says which metrics there are if it is to watch another", async () => {
    await expect(values([1], { monitor: "val_los" })).rejects.toMatchObject({
      code: "PARAMETER_INVALID",
      message: expect.stringContaining("val_loss"),
    });
  });
});

describe("what goes wrong in training", () => {
  test.each([
    [undefined, "PARAMETER_INVALID", "no modelFn"],
    [{}, "PARAMETER_INVALID", "no modelFn"],
    [{ modelFn, callbacks: [earlyStopping()] }, "PARAMETER_INVALID", "its callbacks are no function"],
    [{ modelFn, checkpointEvery: 0 }, "PARAMETER_INVALID", "its checkpointEvery is 0"],
    [{ modelFn, checkpointEvery: -1.5 }, "PARAMETER_INVALID", "its checkpointEvery is -1.5"],
    [{ modelFn, defaults: { epoch: 5 } }, "PARAMETER_UNKNOWN", "Did you mean 'epochs'?"],
    [{ modelFn, modelfn: modelFn }, "STEP_INVALID", "'modelfn'"],
  ])("%o is refused where the trainer is written", (options, code, found) => {
    expect(() => feedForwardTrainer(options as never)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(found) }),
    );
  });

  test("patience has no end before it begins", () => {
    const refused = expect.objectContaining({ code: "PARAMETER_INVALID" });
    expect(() => earlyStopping({ patience: -1 })).toThrow(refused);
    expect(() => earlyStopping({ minDelta: Number.NaN })).toThrow(refused);
  });

  test("a function that returns no network says so", async () => {
    const refused = { code: "OUTPUT_INVALID", message: expect.stringContaining("not a LayersModel") };
    for (const made of [undefined, null, "network", {}]) {
      await expect(train(feedForwardTrainer({ modelFn: () => made as never }))).rejects.toMatchObject(refused);
      const any = tensorflowTrainer({ train: () => made as never });
      await expect(train(any as never)).rejects.toMatchObject(refused);
    }
  });

  test("a loss that is no number stops it, and says in which epoch and batch", async () => {
    const spoilt = { ...inputs, train: inputs.train.map((row, at) => (at === 60 ? { ...row, x: 1e30 } : row)) };
    const squares = feedForwardTrainer({
      modelFn: ({ tf, features, outputs }) =>
        tf.sequential({ layers: [tf.layers.dense({ units: outputs, inputShape: [features] })] }),
    });
    const before = tf.memory().numTensors;
    const ofReach = { ...spoilt, transform: fitTransform(points, { features: { x: [], y: [] }, label: "reach" }) };
    await expect(train(squares, {}, ofReach)).rejects.toMatchObject({
      code: "TRAINING_DIVERGED",
      message: expect.stringMatching(/epoch 1 of 3, batch \d+: the loss is (Infinity|NaN)/),
      details: { epoch: 1, batch: expect.any(Number) },
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  test("a loss of validation rows that is not finite does not cost the training: its history has a gap there", async () => {
    const linear = feedForwardTrainer({
      modelFn: ({ tf, features, outputs }) =>
        tf.sequential({ layers: [tf.layers.dense({ units: outputs, inputShape: [features] })] }),
    });
    const spoilt = {
      ...inputs,
      validation: [{ x: 1e30, y: 0, reach: 1 }],
      transform: fitTransform(points, { features: { x: [], y: [] }, label: "reach" }),
    };
    const metadata = vi.fn();
    const { history } = await train(linear, { metadata }, spoilt);
    expect(history.map((row) => Object.keys(row))).toEqual(Array(3).fill(["epoch", "loss", "mae", "val_mae"]));
    const [[recorded]] = metadata.mock.calls as [[{ model: Record<string, unknown> }]];
    expect(recorded.model).toEqual(JSON.parse(JSON.stringify(recorded.model)));
  });

  test("a network of another shape is refused with what it expects and what it gets", async () => {
    const wide = feedForwardTrainer({
      modelFn: ({ tf }) =>
        tf.sequential({ layers: [tf.layers.dense({ units: 3, activation: "softmax", inputShape: [784] })] }),
    });
    await expect(train(wide)).rejects.toMatchObject({
      code: "TENSOR_MISMATCHED",
      message: expect.stringMatching(/expects float32 \[\?, 784\], and the transform gives float32 \[\?, 2\]/),
    });
    const narrow = feedForwardTrainer({
      modelFn: ({ tf }) => tf.sequential({ layers: [tf.layers.dense({ units: 10, inputShape: [2] })] }),
    });
    await expect(train(narrow)).rejects.toMatchObject({
      code: "TENSOR_MISMATCHED",
      message: expect.stringMatching(/expected float32 \[\?, 3\], and found float32 \[\?, 10\]/),
    });
  });

  test("is cancelled between two batches, and leaves no tensor", async () => {
    const controller = new AbortController();
    const before = tf.memory().numTensors;
    const cancelling = feedForwardTrainer({
      modelFn,
      callbacks: () => [{ epochEnd: ({ epoch }) => void (epoch === 2 && controller.abort(new Error("enough"))) }],
    });
    const progress = vi.fn();
    const training = train(cancelling, {
      signal: controller.signal,
      log: { progress },
      params: { ...params, epochs: 1000 },
    });
    await expect(training).rejects.toThrow("enough");
    expect(progress).toHaveBeenCalledTimes(2);
    expect(tf.memory().numTensors).toBe(before);
  });
});
