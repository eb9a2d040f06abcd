import { testMaterializer } from "@tenon/core/testing";
import type { GraphModel, io } from "@tensorflow/tfjs";
import { expect, test } from "vitest";
import { tensorflow } from "../index.js";
import { filesOf, readerOf } from "../testing/artifact-files.js";
import { materializer } from "./graph-model.js";

const tf = await tensorflow();

const shapeOf = (...sizes: number[]) => ({ shape: { dim: sizes.map((size) => ({ size: String(size) })) } });

/** `y = op(x · weights)`, as the converter writes it. */
function graph(weights: readonly [number, number], op = "Relu"): io.ModelArtifacts {
  const float = { type: "DT_FLOAT" };
  return {
    format: "graph-model",
    generatedBy: "2.21.0",
    convertedBy: "TensorFlow.js Converter v4.22.0",
    modelTopology: {
      node: [
        { name: "x", op: "Placeholder", attr: { dtype: float, ...shapeOf(-1, 2) } },
        {
          name: "weights",
          op: "Const",
          attr: { dtype: float, value: { tensor: { dtype: "DT_FLOAT", tensorShape: {} } } },
        },
        {
          name: "product",
          op: "MatMul",
          input: ["x", "weights"],
          attr: { T: float, transpose_a: { b: false }, transpose_b: { b: false } },
        },
        { name: "y", op, input: ["product"], attr: { T: float } },
      ],
      library: {},
      versions: { producer: 1, minConsumer: 1 },
    },
    weightSpecs: [{ name: "weights", shape: [2, 1], dtype: "float32" }],
    weightData: Float32Array.from(weights).buffer,
  };
}

const load = async (...made: Parameters<typeof graph>): Promise<GraphModel> =>
  (await tf.loadGraphModel(tf.io.fromMemory(graph(...made)))) as GraphModel;

const predicted = (model: GraphModel) =>
  tf.tidy(() => (model.predict(tf.tensor2d([[1, 2]])) as ReturnType<typeof tf.tensor>).arraySync());

testMaterializer<GraphModel>({
  test,
  materializer,
  samples: async () => [await load([1, 2]), await load([3, 4]), await load([1, 2], "Neg")],
  equal: (a, b) => JSON.stringify(predicted(a)) === JSON.stringify(predicted(b)),
  refuses: [null, {}, tf.scalar(1)],
});

test("an operation that nobody registered is named when the model is loaded", async () => {
  const files = await filesOf(materializer, await load([1, 2], "Relu"));
  const model = Buffer.from(files["model.json"] as Uint8Array)
    .toString()
    .replace('"Relu"', '"AcmeActivation"');
  await expect(materializer.load(readerOf({ ...files, "model.json": model }))).rejects.toMatchObject({
    code: "LAYER_UNKNOWN",
    message: expect.stringMatching(/node 'y' is the operation 'AcmeActivation'.*registerOp/),
  });
});
