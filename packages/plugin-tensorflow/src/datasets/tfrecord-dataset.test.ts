import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  bytesList,
  decodeExample,
  encodeExample,
  floatList,
  int64List,
  readRecords,
  writeRecords,
} from "@tenon/tfrecord";
import type { data, Tensor, TensorContainer } from "@tensorflow/tfjs";
import { afterAll, expect, test } from "vitest";
import { tensorflow, tfrecordDataset, writeTfrecordDataset } from "../index.js";

const tf = await tensorflow();
const scratch = await mkdtemp(join(tmpdir(), "tfrecord-dataset-"));
afterAll(() => rm(scratch, { recursive: true }));

const values = async <Name extends string>(dataset: data.Dataset<Record<Name, Tensor>>) => {
  const all: unknown[] = [];
  await dataset.forEachAsync((element) => {
    const tensors = Object.entries<Tensor>(element);
    all.push(Object.fromEntries(tensors.map(([name, one]) => [name, [one.dtype, one.shape, [...one.dataSync()]]])));
    tf.dispose(element);
  });
  return all;
};

test("files that others wrote are a dataset of tensors, of the features that were asked for", async () => {
  const path = join(scratch, "others.tfrecord");
  const record = (label: number) =>
    encodeExample({
      features: new Map([
        ["image", floatList([1, 2, 3, label])],
        ["label", int64List([label])],
        ["name", bytesList(["ż"])],
        ["unused", bytesList([])],
      ]),
    });
  await writeRecords(path, [record(7), record(8)], { compression: "gzip" });
  const dataset = await tfrecordDataset([path, path], {
    image: { shape: [2, 2] },
    label: { dtype: "int32" },
    name: { dtype: "string", shape: [1] },
  });
  const found = await values(dataset);
  expect(found).toHaveLength(4);
  expect(found[1]).toEqual({
    image: ["float32", [2, 2], [1, 2, 3, 8]],
    label: ["int32", [], [8]],
    name: ["string", [1], ["ż"]],
  });
  expect(await values(dataset)).toEqual(found);
});

test("files of TensorFlow itself are read; what is not as expected is said with expected and found", async () => {
  const golden = fileURLToPath(new URL("../../../tfrecord/src/golden/unpacked.tfrecord", import.meta.url));
  expect(await values(await tfrecordDataset(golden, { f: { shape: [2] } }))).toEqual([
    { f: ["float32", [2], [0.5, -2.25]] },
  ]);
  for (const [features, found] of [
    [{ f: { shape: [3] } }, "element 0, at 'f', should be 3 values of shape [3], and is 2"],
    [{ f: { dtype: "int32", shape: [2] } }, "element 0, at 'f', should be a list of int64, and is one of float"],
    [{ g: {} }, "element 0, at 'g', should be a list of float, and is missing"],
    [{ i: { dtype: "int32", shape: [3] } }, "element 0, at 'i', should be integers of 32 bits, and is 1099511627776"],
  ] as const) {
    const reading = values(await tfrecordDataset(golden, features as never));
    await expect(reading).rejects.toMatchObject({ code: "TENSOR_MISMATCHED", found });
  }
});

test("a dataset is written to a file that others read, whole or not at all", async () => {
  const path = join(scratch, "written.tfrecord");
  const dataset = tf.data.array<TensorContainer>([
    { x: tf.tensor1d([1, 2]), y: 3 },
    { x: tf.tensor1d([3, 4]), y: 5 },
  ]);
  expect(await writeTfrecordDataset(path, dataset, { compression: "zlib" })).toEqual({ records: 2 });
  const features: unknown[] = [];
  for await (const record of readRecords(path)) features.push(Object.fromEntries(decodeExample(record).features));
  expect(features[1]).toEqual({ x: floatList([3, 4]), y: floatList([5]) });
  await expect(writeTfrecordDataset(join(scratch, "endless.tfrecord"), dataset.repeat())).rejects.toMatchObject({
    code: "MATERIALIZER_FAILED",
  });
  expect(await readdir(scratch)).not.toContain("endless.tfrecord");
});
