import { isDeepStrictEqual } from "node:util";
import { testMaterializer } from "@tenon/core/testing";
import type { NamedTensorMap, Tensor } from "@tensorflow/tfjs";
import { describe, expect, test } from "vitest";
import { tensorflow, tensorOf } from "../index.js";
import { readerOf } from "../testing/artifact-files.js";
import { materializer as oneTensor } from "./tensor.js";
import { materializer as manyTensors } from "./tensors.js";

const tf = await tensorflow();

function samples(): Tensor[] {
  return [
    tf.tensor2d([
      [1.5, Number.NaN],
      [-0, Number.POSITIVE_INFINITY],
    ]),
    tf.scalar(3, "int32"),
    tf.tensor1d([true, false, true]),
    tf.tensor1d(["", "žluťoučký", "🐧"]),
    tf.complex([1, 2], [3, -4]),
    tf.zeros([0, 3]),
    tf.randomUniform([100, 100], 0, 1, "float32", 3),
  ];
}

const contents = (tensor: Tensor) => [tensor.dtype, tensor.shape, [...tensor.dataSync()]];

testMaterializer({
  test,
  prefix: "a tensor",
  materializer: oneTensor,
  samples,
  equal: (a, b) => isDeepStrictEqual(contents(a), contents(b)),
  refuses: [null, 1, [1, 2], { a: 1 }],
});

testMaterializer<NamedTensorMap>({
  test,
  prefix: "named tensors",
  materializer: manyTensors,
  samples: () => [{}, { weights: tf.tensor1d([1, 2]), "a/b c": tf.scalar(1) }, { weights: tf.tensor1d([1, 3]) }],
  equal: (a, b) =>
    isDeepStrictEqual(Object.keys(a), Object.keys(b)) &&
    Object.keys(a).every((name) => isDeepStrictEqual(contents(a[name] as Tensor), contents(b[name] as Tensor))),
  refuses: [null, [], { a: 1 }, tf.scalar(1)],
});

describe("a tensor that is damaged", () => {
  const specs = JSON.stringify([{ name: "tensor", shape: [2, 2], dtype: "float32" }]);

  test.each([
    ["bytes that are missing", specs, new Uint8Array(12), /12 bytes, and its tensors take 16/],
    ["bytes too many", specs, new Uint8Array(20), /20 bytes/],
    ["a dtype that does not exist", specs.replace("float32", "float8"), new Uint8Array(16), /0\.dtype/],
    ["no JSON", "{", new Uint8Array(16), /it is no JSON/],
    ["a length below zero", specs.replace("[2,2]", "[-2,2]"), new Uint8Array(16), /0\.shape/],
  ])("is refused: %s", async (_, json, data, message) => {
    const loading = oneTensor.load(readerOf({ "tensors.json": json, "tensors.bin": data }));
    await expect(loading).rejects.toMatchObject({
      code: "MATERIALIZER_FAILED",
      message: expect.stringMatching(message),
    });
  });

  test("cannot be saved when its memory has been freed", async () => {
    const freed = tf.scalar(1);
    freed.dispose();
    const write = async () => expect.unreachable();
    await expect(oneTensor.save(freed, { write, signal: undefined })).rejects.toThrow(/its memory has been freed/);
  });
});

describe("a tensor of a certain dtype and shape", () => {
  const images = tensorOf({ dtype: "float32", shape: [null, 28, 28, 1] });
  const validate = (value: unknown) => images.schema?.["~standard"].validate(value);

  test("is taken if it fits", () => {
    expect(validate(tf.zeros([3, 28, 28, 1]))).toMatchObject({ value: expect.anything() });
  });

  test.each([
    ["another dtype", () => tf.zeros([3, 28, 28, 1], "int32"), "found int32 [3, 28, 28, 1]"],
    ["another length", () => tf.zeros([3, 28, 20, 1]), "found float32 [3, 28, 20, 1]"],
    ["fewer axes", () => tf.zeros([3, 784]), "found float32 [3, 784]"],
    ["no tensor", () => [1, 2], "found no tensor"],
  ])("says what was expected and what was found: %s", (_, make, found) => {
    expect(validate(make())).toEqual({
      issues: [{ message: `expected a tensor float32 [?, 28, 28, 1], and ${found}` }],
    });
  });
});

test("what no tensor can look like is refused where it is written", () => {
  for (const [expected, found] of [
    [{ dtype: "float16" }, "its dtype is 'float16'. Did you mean 'float32'?"],
    [{ shape: "28" }, 'its shape is "28"'],
    [{ shape: [28, -1] }, "its shape is [28,-1]"],
    [{ shpe: [28] }, "Did you mean 'shape'?"],
  ] as const) {
    expect(() => tensorOf(expected as never)).toThrow(found);
  }
});
