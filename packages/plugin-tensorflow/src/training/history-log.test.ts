import type { Handle } from "@tenon/core";
import { fitTransform, type Row, standardise, type TrainerStep } from "@tenon/ml";
import { describe, expect, expectTypeOf, test } from "vitest";
import {
  type Epoch,
  feedForwardTrainer,
  type HistoryRow,
  type NetworkRequest,
  type TensorBoardLog,
  tensorflow,
} from "../index.js";
import { materializer } from "../materializers/tensorboard-log.js";
import { materializer as checkpoints } from "../materializers/training-checkpoint.js";
import { filesOf, readerOf } from "../testing/artifact-files.js";
import type { TrainingCheckpoint } from "./checkpoint.js";

await tensorflow();
const rows: Row[] = Array.from({ length: 60 }, (_, at) => ({ x: Math.sin(at) * 2, y: at % 3 === 0 ? "a" : "b" }));
const transform = fitTransform(rows, { features: { x: [standardise()] }, label: "y" });
const inputs = { train: rows.slice(0, 40), validation: rows.slice(40), transform };
const params = { epochs: 5, batchSize: 16, learningRate: 0.05, optimizer: "adam", seed: 3 };
const modelFn = ({ tf, features, outputs, activation }: NetworkRequest) =>
  tf.sequential({ layers: [tf.layers.dense({ units: outputs, activation, inputShape: [features] })] });

const logged = feedForwardTrainer({ modelFn, tensorBoardLog: true });
const silent = feedForwardTrainer({ modelFn });
type Made = { history: HistoryRow[]; log: TensorBoardLog };
const train = async (step: { run: typeof logged.run } = logged, context: object = {}, given: object = inputs) =>
  (await step.run(given as never, { params, ...context } as never)) as Made;

/** The curves that a history is to have, in float32 as event files have them. */
const curvesOf = (history: readonly HistoryRow[], names: Readonly<Record<string, string>>) =>
  Object.entries(names).map(([curve, metric]) => [
    curve,
    history.map((row) => ({ step: row.epoch, value: Math.fround(row[metric] as number), wallTime: row.epoch })),
  ]);
const withValidation = {
  "train/epoch_acc": "acc",
  "train/epoch_loss": "loss",
  "validation/epoch_acc": "val_acc",
  "validation/epoch_loss": "val_loss",
};

describe("a feed-forward trainer's TensorBoard log", () => {
  test("has the scalars of the history", async () => {
    const { log, history } = await train();
    expect(history).toHaveLength(5);
    expect([...(await log.scalars())]).toEqual(curvesOf(history, withValidation));
  });

  test("has no run 'validation' where there are no validation rows", async () => {
    const { log, history } = await train(logged, {}, { ...inputs, validation: undefined });
    const names = { "train/epoch_acc": "acc", "train/epoch_loss": "loss" };
    expect([...(await log.scalars())]).toEqual(curvesOf(history, names));
  });

  test("is equal bytes for equal trainings", async () => {
    const [one, two] = [await train(), await train()];
    expect(one.log.directory).not.toBe(two.log.directory);
    expect(await filesOf(materializer, one.log)).toEqual(await filesOf(materializer, two.log));
  });

  test("of a training that has gone on from a checkpoint has the epochs before, too", async () => {
    let kept: Record<string, Uint8Array> | undefined;
    const context = {
      checkpoints: {
        save: async (value: unknown) => {
          kept = await filesOf(checkpoints, value as TrainingCheckpoint);
        },
        latest: async () => kept && (await checkpoints.load(readerOf(kept))),
      },
    };
    const interrupted = (at?: number) =>
      feedForwardTrainer({
        modelFn,
        tensorBoardLog: true,
        checkpointEvery: 2,
        callbacks: () => [
          {
            epochEnd: ({ epoch }) => {
              if (epoch === at) throw new Error("the machine went down");
            },
          },
        ],
      });
    await expect(train(interrupted(4), context)).rejects.toThrow("the machine went down");
    const [resumed, whole] = [await train(interrupted(), context), await train()];
    expect(await filesOf(materializer, resumed.log)).toEqual(await filesOf(materializer, whole.log));
  });

  test("can be stored when a loop of one's own has told of no epoch", async () => {
    const { log } = await train(feedForwardTrainer({ modelFn, tensorBoardLog: true, loop: async () => {} }));
    expect(Object.keys(await filesOf(materializer, log))).toHaveLength(1);
    expect((await log.scalars()).size).toBe(0);
  });

  test("has metrics that only some epochs have, where they are", async () => {
    const loop = async (_: unknown, __: unknown, { epochEnd }: { epochEnd(epoch: Epoch): Promise<boolean> }) => {
      await epochEnd({ epoch: 1, metrics: { loss: 1, val_loss: Number.POSITIVE_INFINITY } });
      await epochEnd({ epoch: 2, metrics: { loss: 0.5, val_loss: 3 } });
    };
    const { log } = await train(feedForwardTrainer({ modelFn, tensorBoardLog: true, loop }));
    const curves = [...(await log.scalars())];
    expect(curves.map(([name, points]) => [name, points.map(({ step, value }) => [step, value])])).toEqual([
      [
        "train/epoch_loss",
        [
          [1, 1],
          [2, 0.5],
        ],
      ],
      ["validation/epoch_loss", [[2, 3]]],
    ]);
  });

  test("is an output only of a trainer that is asked for it", async () => {
    expect(Object.keys(logged.outputs)).toEqual(["model", "history", "log"]);
    for (const tensorBoardLog of [undefined, false] as const) {
      const step = feedForwardTrainer({ modelFn, ...(tensorBoardLog !== undefined && { tensorBoardLog }) });
      expect(Object.keys(step.outputs)).toEqual(["model", "history"]);
    }
    const refused = () => Promise.reject(new Error("nobody has asked for a directory"));
    expect(Object.keys(await train(silent, { temporaryDirectory: refused }))).toEqual(["model", "history"]);
  });

  test("is known to the types where it is asked for, and nowhere else", () => {
    expectTypeOf<ReturnType<typeof logged>["log"]>().toEqualTypeOf<Handle<TensorBoardLog>>();
    expectTypeOf<ReturnType<typeof silent>>().not.toHaveProperty("log");
    const denied = feedForwardTrainer({ modelFn, tensorBoardLog: false });
    expectTypeOf<ReturnType<typeof denied>>().not.toHaveProperty("log");
    expectTypeOf(logged).toExtend<TrainerStep>();
    expectTypeOf(silent).toExtend<TrainerStep>();
  });
});
