import { isDeepStrictEqual } from "node:util";
import { TenonError } from "@tenon/core";
import { testMaterializer } from "@tenon/core/testing";
import { decodeExample, encodeExample, encodeRecords, floatList, readRecords } from "@tenon/tfrecord";
import type { data, Tensor, TensorContainer } from "@tensorflow/tfjs";
import { describe, expect, test } from "vitest";
import { tensorflow } from "../index.js";
import { filesOf, readerOf } from "../testing/artifact-files.js";
import { materializer } from "./dataset.js";
import { isTensor } from "./named-tensors.js";

const tf = await tensorflow();
type Dataset = data.Dataset<TensorContainer>;

const contents = (value: unknown): unknown => {
  if (isTensor(value)) return { dtype: value.dtype, shape: value.shape, values: [...value.dataSync()] };
  if (Array.isArray(value)) return value.map(contents);
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, contents(inner)]));
};
const elementsOf = async (dataset: Dataset) => {
  const elements: unknown[] = [];
  await dataset.forEachAsync((element) => {
    elements.push(contents(element));
    tf.dispose(element as Tensor);
  });
  return elements;
};
const images = (count: number): Dataset =>
  tf.data
    .array(Array.from({ length: count }, (_, index) => ({ xs: tf.fill([4, 4], index / 3), ys: index % 2 })))
    .batch(4) as unknown as Dataset;
const odd = (): TensorContainer[] => [
  {
    "": tf.scalar(1),
    pair: [tf.tensor1d([1, -2], "int32"), tf.tensor1d([true, false])],
    inner: { text: "ż", flag: true, number: 0.5, nothing: undefined },
    texts: tf.tensor2d([["", "żółć"]]),
    arrays: [Float32Array.of(1, 2), Int32Array.of(-5), Uint8Array.of(0, 255)],
  },
];

testMaterializer<Dataset>({
  test,
  materializer,
  samples: () => [
    images(10),
    tf.data.array(odd()),
    tf.data.array([tf.tensor1d([1]), tf.tensor1d([1, 2])]),
    tf.data.array<TensorContainer>([]),
  ],
  equal: async (a, b) => isDeepStrictEqual(await elementsOf(a), await elementsOf(b)),
  refuses: [null, 1, [tf.scalar(1)], { iterator: 1 }, tf.data.array([1]).repeat()],
});

/** What is loaded of what was saved, with the record file altered on the way. */
const altered = async (
  dataset: Dataset,
  alter: (file: Uint8Array) => Uint8Array | Promise<Uint8Array>,
): Promise<Dataset> => {
  const { "data.tfrecord": records = new Uint8Array(), "dataset.json": description = new Uint8Array() } = await filesOf(
    materializer,
    dataset,
  );
  const file = await alter(records);
  const reader = readerOf({ "dataset.json": description, "data.tfrecord": file });
  const stream = async function* () {
    yield file;
  };
  return materializer.load(Object.assign(reader, { stream }));
};
const failure = async (work: Promise<unknown>): Promise<TenonError> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!TenonError.is(error)) throw new Error(`expected a TenonError, not ${String(error)}`);
  return error;
};

describe("a dataset", () => {
  test("is a TFRecord file whose features have the names of its members", async () => {
    const { "data.tfrecord": file = new Uint8Array() } = await filesOf(materializer, images(3));
    const names: string[][] = [];
    for await (const record of readRecords(file)) names.push([...decodeExample(record).features.keys()]);
    expect(names).toEqual([["xs", "ys"]]);
  });

  test("knows how many elements it has when it is loaded, and can be gone through again and again", async () => {
    const loaded = await altered(images(10), (file) => file);
    expect(loaded.size).toBe(3);
    expect(loaded.batch(2).size).toBe(2);
    const once = await elementsOf(loaded);
    expect(await elementsOf(loaded)).toEqual(once);
    expect(once).toEqual(await elementsOf(images(10)));
    expect(await elementsOf(loaded.take(1))).toEqual(once.slice(0, 1));
  });

  test("can train a model, and is gone through by for await", async () => {
    const loaded = await altered(images(10), (file) => file);
    const model = tf.sequential({ layers: [tf.layers.flatten({ inputShape: [4, 4] }), tf.layers.dense({ units: 1 })] });
    model.compile({ loss: "meanSquaredError", optimizer: "sgd" });
    const { history } = await model.fitDataset(loaded as never, { epochs: 2, verbose: 0 });
    expect(history.loss).toHaveLength(2);
    let elements = 0;
    for await (const element of loaded as unknown as AsyncIterable<TensorContainer>) {
      tf.dispose(element as Tensor);
      elements += 1;
    }
    expect(elements).toBe(3);
  });

  test("leaves no tensors behind when it is saved, or saved in vain", async () => {
    const good = images(6);
    const bad = tf.data.array<TensorContainer>([{ x: tf.scalar(1) }, { x: tf.scalar(1, "int32") }]);
    const before = tf.memory().numTensors;
    await filesOf(materializer, good);
    await failure(filesOf(materializer, bad));
    expect(tf.memory().numTensors).toBe(before);
  });

  test("has elements of one structure: where one differs, it says what was expected and found", async () => {
    const cases: [TensorContainer[], string][] = [
      [
        [{ x: tf.scalar(1) }, { x: tf.scalar(1, "int32") }],
        "element 1, at 'x', should be a tensor of float32, and is a tensor of int32",
      ],
      [[{ x: 1 }, { y: 1 }], "element 1 should be an object of x, and is one of y"],
      [[{ x: [1] }, { x: [1, 2] }], "element 1 should be a list of 1, and is one of 2"],
      [[{ x: 1 }, { x: "a" }], "element 1, at 'x', should be number, and is text"],
      [[{ "a/b": 1, a: { b: 2 } }], "element 0, at 'a/b', should be the only part of that name, and is a second one"],
      [
        [tf.complex([1], [2])],
        "element 0, at 'value', should be a tensor that a tf.train.Example holds, and is of complex64",
      ],
    ];
    for (const [elements, found] of cases) {
      const error = await failure(filesOf(materializer, tf.data.array(elements)));
      expect([error.code, error.found]).toEqual(["TENSOR_MISMATCHED", found]);
    }
  });

  test("that is damaged is refused where the damage is met", async () => {
    const cut = await altered(images(10), (file) => file.slice(0, -1));
    expect((await failure(elementsOf(cut))).code).toBe("TFRECORD_CORRUPT");
    const shorter = await altered(images(10), () => new Uint8Array());
    expect((await failure(elementsOf(shorter))).found).toBe("it should have 3 elements, and has 0");
    const other = await altered(images(10), async () => {
      const pieces: Uint8Array[] = [];
      const record = encodeExample({ features: new Map([["xs", floatList([1])]]) });
      for await (const piece of encodeRecords([record])) pieces.push(piece);
      return new Uint8Array(Buffer.concat(pieces));
    });
    expect((await failure(elementsOf(other))).found).toBe(
      "element 0, at 'xs', should be 64 values of shape [4, 4, 4], and is 1",
    );
  });
});
