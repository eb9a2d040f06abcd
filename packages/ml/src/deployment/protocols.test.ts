import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { standardise } from "../preprocessing/built-in-operations.js";
import { fit } from "../preprocessing/fit.js";
import { birdFeatures, birds } from "../testing/birds.js";
import { birdClassifier, birdTensors, endServers, post, rawBirds, serve } from "../testing/served-birds.js";
import { examplesOf } from "../training/examples.js";
import { fitLeastSquares } from "../training/fit-linear.js";
import { LinearModel } from "../training/linear-model.js";
import { type ClassPredictions, type NumberPredictions, predictedLabels } from "../training/predictions.js";
import type { Row } from "../vocabulary/row.js";

afterEach(endServers);

describe("a model that is served", () => {
  let model: LinearModel;
  let url: string;
  let expected: ClassPredictions;
  beforeEach(async () => {
    model = await birdClassifier();
    url = (await serve(model)).url;
    expected = (await model.predict(rawBirds)) as ClassPredictions;
  });

  test("predicts rawBirds rows by the Open Inference Protocol as it does in an evaluation", async () => {
    const response = await post(`${url}/v2/models/birds/versions/1/infer`, { id: "7", inputs: birdTensors(rawBirds) });
    expect(await response.json()).toEqual({
      model_name: "birds",
      model_version: "1",
      id: "7",
      outputs: [
        { name: "prediction", datatype: "BYTES", shape: [12], data: predictedLabels(expected) },
        { name: "probabilities", datatype: "FP64", shape: [12, 3], data: Array.from(expected.probabilities) },
      ],
    });
  });

  test("takes and gives tensors in binary form", async () => {
    const rows = rawBirds.map(
      (row): Row => ({ ...row, flipper: row.flipper ?? 190, depth: Math.fround(row.depth as number) }),
    );
    const doubles = Buffer.from(Float64Array.from(rows, ({ beak }) => beak as number).buffer);
    const floats = Buffer.from(Float32Array.from(rows, ({ depth }) => depth as number).buffer);
    const longs = Buffer.from(BigInt64Array.from(rows, ({ flipper }) => BigInt(flipper as number)).buffer);
    const texts = Buffer.concat(
      rawBirds.map(({ island }) => {
        const text = Buffer.from(String(island));
        const length = Buffer.alloc(4);
        length.writeUInt32LE(text.length);
        return Buffer.concat([length, text]);
      }),
    );
    const pieces = [doubles, floats, longs, texts];
    const inputs = birdTensors(rawBirds).map(({ data: _, ...tensor }, at) => ({
      ...tensor,
      parameters: { binary_data_size: (pieces[at] as Buffer).length },
    }));
    const outputs = [{ name: "probabilities", parameters: { binary_data: true } }, { name: "prediction" }];
    const header = Buffer.from(JSON.stringify({ inputs, outputs }));
    const response = await post(`${url}/v2/models/birds/infer`, Buffer.concat([header, ...pieces]), {
      "Inference-Header-Content-Length": String(header.length),
    });
    const body = Buffer.from(await response.arrayBuffer());
    const end = Number(response.headers.get("inference-header-content-length"));
    const json = JSON.parse(body.subarray(0, end).toString());
    expect(json.outputs[0]).toEqual({
      name: "probabilities",
      datatype: "FP64",
      shape: [12, 3],
      parameters: { binary_data_size: 288 },
    });
    const exact = (await model.predict(rows)) as ClassPredictions;
    const probabilities = Array.from({ length: 36 }, (_, at) => body.readDoubleLE(end + at * 8));
    expect(probabilities).toEqual(Array.from(exact.probabilities));
    expect(json.outputs[1].data).toEqual(predictedLabels(exact));
  });

  test("predicts by rows and by columns as TensorFlow Serving does", async () => {
    const byRow = await post(`${url}/v1/models/birds:predict`, {
      signature_name: "serving_default",
      instances: rawBirds,
    });
    const { predictions } = (await byRow.json()) as { predictions: { prediction: string; probabilities: number[] }[] };
    expect(predictions.map(({ prediction }) => prediction)).toEqual(predictedLabels(expected));
    expect(predictions.flatMap(({ probabilities }) => probabilities)).toEqual(Array.from(expected.probabilities));
    const inputs = Object.fromEntries(
      Object.keys(rawBirds[0] as Row).map((name) => [name, rawBirds.map((row) => row[name])]),
    );
    const byColumn = await post(`${url}/v1/models/birds/versions/1:predict`, { inputs });
    const { outputs } = (await byColumn.json()) as { outputs: { prediction: string[]; probabilities: number[][] } };
    expect(outputs.prediction).toEqual(predictedLabels(expected));
    expect(outputs.probabilities.flat()).toEqual(Array.from(expected.probabilities));
  });

  test("says what it is, and that it is ready", async () => {
    const get = async (path: string) => (await fetch(`${url}${path}`)).json();
    expect(await get("/v2")).toMatchObject({ name: "tenon", extensions: ["binary_tensor_data"] });
    expect(await get("/v2/health/live")).toEqual({ live: true });
    expect(await get("/v2/health/ready")).toEqual({ ready: true });
    expect(await get("/v2/models/birds/ready")).toEqual({ name: "birds", ready: true });
    expect(await get("/v2/models/birds")).toMatchObject({
      name: "birds",
      versions: ["1"],
      inputs: [{ name: "beak", datatype: "FP64", shape: [-1] }, {}, {}, { name: "island", datatype: "BYTES" }],
      outputs: [{ name: "prediction" }, { name: "probabilities", shape: [-1, 3] }],
    });
    expect(await get("/v1/models/birds")).toEqual({
      model_version_status: [{ version: "1", state: "AVAILABLE", status: { error_code: "OK", error_message: "" } }],
    });
    const { metadata } = (await get("/v1/models/birds/metadata")) as never as {
      metadata: { signature_def: { signature_def: { serving_default: { inputs: { island: { dtype: string } } } } } };
    };
    expect(metadata.signature_def.signature_def.serving_default.inputs.island.dtype).toBe("DT_STRING");
  });
});

function regressor(): LinearModel {
  const transform = fit(birds(), { features: birdFeatures, label: { column: "mass", operations: [standardise()] } });
  return new LinearModel(transform, [fitLeastSquares(examplesOf(transform, birds()), 1e-4)]);
}

test("numbers come by themselves, in their own units", async () => {
  const model = regressor();
  const { url } = await serve(model);
  const { values } = (await model.predict(rawBirds)) as NumberPredictions;
  expect(values[0]).toBeGreaterThan(2000);
  const byRow = await post(`${url}/v1/models/birds:predict`, { instances: rawBirds });
  expect(await byRow.json()).toEqual({ predictions: Array.from(values) });
  const byTensor = await post(`${url}/v2/models/birds/infer`, { inputs: birdTensors(rawBirds) });
  expect(await byTensor.json()).toMatchObject({
    outputs: [{ name: "prediction", datatype: "FP64", data: Array.from(values) }],
  });
});
