import { copyFile, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { testMaterializer } from "@tenon/core/testing";
import { openEventWriter } from "@tenon/tfrecord";
import { afterAll, describe, expect, test } from "vitest";
import { TensorBoardLog, tensorBoard, tensorflow } from "../index.js";
import { materializer } from "./tensorboard-log.js";

const golden = fileURLToPath(
  new URL("../../../tfrecord/src/golden/events/events.out.tfevents.golden", import.meta.url),
);
const scratch = await mkdtemp(join(tmpdir(), "tensorboard-"));
afterAll(() => rm(scratch, { recursive: true }));

let count = 0;
const directory = async (): Promise<string> => {
  count += 1;
  const path = join(scratch, `log-${count}`);
  await mkdir(path);
  return path;
};
const goldenLog = async () => {
  const path = await directory();
  await copyFile(golden, join(path, "events.out.tfevents.golden"));
  await writeFile(join(path, "notes.txt"), "not an event file");
  return new TensorBoardLog(path);
};
const runs = async () => {
  const path = await directory();
  for (const [run, offset] of [
    ["train", 0],
    ["validation", 1],
  ] as const) {
    const writer = await openEventWriter(join(path, run), {
      clock: () => 1_700_000_000,
      fileName: "events.out.tfevents.1",
    });
    for (let step = 0; step < 4; step += 1) writer.scalar("epoch_loss", offset + 1 / (step + 1), { step });
    await writer.close();
  }
  return new TensorBoardLog(path);
};
const contents = async (log: TensorBoardLog) => {
  const events: unknown[] = [];
  for await (const event of log.events()) events.push(event);
  return events;
};

testMaterializer<TensorBoardLog>({
  test,
  materializer,
  samples: async () => [await goldenLog(), await runs()],
  equal: async (a, b) => isDeepStrictEqual(await contents(a), await contents(b)),
  refuses: [
    null,
    "logs",
    { directory: scratch },
    new TensorBoardLog(join(scratch, "nowhere")),
    new TensorBoardLog(await directory()),
  ],
});

describe("a TensorBoard log", () => {
  test("has curves by run and tag, in the order of their steps", async () => {
    const curves = await (await runs()).scalars();
    expect([...curves.keys()]).toEqual(["train/epoch_loss", "validation/epoch_loss"]);
    expect(curves.get("train/epoch_loss")?.map(({ step }) => step)).toEqual([0, 1, 2, 3]);
    const [point] = (await (await goldenLog()).scalars()).get("loss") ?? [];
    expect(point).toMatchObject({ step: 0, value: 1 });
  });

  test("says which tags it has, and gives its curves for comparison", async () => {
    expect(await materializer.metadata?.(await goldenLog())).toEqual({
      tags: [
        { tag: "loss", kind: "scalar", events: 5, first: 0, last: 4 },
        { tag: "note", kind: "text", events: 1, first: 0, last: 0 },
        { tag: "weights", kind: "histogram", events: 1, first: 0, last: 0 },
      ],
      loss: { kind: "series", values: [0, 1, 2, 3, 4].map((step) => [step, Math.fround(1 / (step + 1))]) },
    });
  });

  test("is drawn, names of tags and all, even if they are no names at all", async () => {
    const path = await directory();
    const writer = await openEventWriter(path);
    writer.scalar("<b>&\u0001", 1, { step: 1 });
    writer.scalar("diverged", Number.NaN, { step: 1 });
    for (let step = 0; step < 5000; step += 1) writer.scalar("long", Math.sin(step / 100), { step });
    await writer.close();
    const [picture] = (await materializer.visualize?.(new TensorBoardLog(path))) ?? [];
    expect(picture?.mediaType).toBe("image/svg+xml");
    expect(picture?.body).toContain("&lt;b&gt;&amp;�");
    expect(picture?.body).not.toContain("NaN");
    expect(String(picture?.body).length).toBeLessThan(50_000);
  });

  test("of a run that was killed can be read up to its last whole event", async () => {
    const log = await goldenLog();
    const file = join(log.directory, "events.out.tfevents.golden");
    await truncate(file, (await readFile(file)).length - 3);
    expect(await contents(log)).toHaveLength(7);
  });
});

describe("the callback tensorBoard", () => {
  test("writes metrics of training and validation, and histograms of the weights, as runs of their own", async () => {
    const tf = await tensorflow();
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3], name: "dense" })] });
    const path = await directory();
    const callback = tensorBoard(path);
    const before = tf.memory().numTensors;
    for (const epoch of [1, 2])
      await callback.epochEnd?.({ epoch, metrics: { loss: 1 / epoch, val_loss: 2 } }, { model } as never);
    await callback.dispose?.();
    expect(tf.memory().numTensors).toBe(before);
    const metadata = (await materializer.metadata?.(new TensorBoardLog(path))) as {
      tags: { tag: string; kind: string; events: number }[];
    };
    expect(metadata.tags.map(({ tag, kind, events }) => [tag, kind, events])).toEqual([
      ["train/dense/bias", "histogram", 2],
      ["train/dense/kernel", "histogram", 2],
      ["train/epoch_loss", "scalar", 2],
      ["validation/epoch_loss", "scalar", 2],
    ]);
    model.dispose();
  });
});
