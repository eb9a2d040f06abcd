import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { impute, oneHot, standardise } from "../preprocessing/built-in-operations.js";
import { fit } from "../preprocessing/fit.js";
import { birds } from "../testing/birds.js";
import { ScriptedModel } from "../testing/scripted-model.js";
import { examplesOf, type Features } from "../training/examples.js";
import { fitLeastSquares, fitSoftmax } from "../training/fit-linear.js";
import { LinearModel } from "../training/linear-model.js";
import { type ClassPredictions, type NumberPredictions, predictedLabels } from "../training/predictions.js";
import type { TrainedModel } from "../training/trained-model.js";
import type { Row } from "../vocabulary/row.js";
import { ModelServer, type ModelServerOptions } from "./model-server.js";
import type { ServedModel } from "./served-model.js";
import { signatureOf } from "./signature.js";

const features = {
  beak: [impute("mean"), standardise()],
  depth: [impute("mean"), standardise()],
  flipper: [impute("median"), standardise()],
  island: [oneHot()],
};
/** Raw rows as a client has them: only what the model takes. */
const raw = birds(12, 5).map(({ beak, depth, flipper, island }) => ({ beak, depth, flipper, island }) as Row);

async function classifier(): Promise<LinearModel> {
  const transform = fit(birds(), { features, label: "species" });
  const weights = await fitSoftmax(examplesOf(transform, birds()), 3, { epochs: 100, learningRate: 0.5, l2: 0 });
  return new LinearModel(transform, weights);
}

function regressor(): LinearModel {
  const transform = fit(birds(), { features, label: { column: "mass", operations: [standardise()] } });
  return new LinearModel(transform, [fitLeastSquares(examplesOf(transform, birds()), 1e-4)]);
}

function served(model: TrainedModel, version = "1"): ServedModel {
  return { name: "birds", version, model, signature: signatureOf(model) };
}

const open: ModelServer[] = [];
async function serve(model: TrainedModel, options: ModelServerOptions = {}): Promise<ModelServer> {
  const server = new ModelServer(served(model), options);
  await server.listen();
  open.push(server);
  return server;
}
afterEach(async () => {
  for (const server of open.splice(0)) await server.drain(0);
});

const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(url, { method: "POST", headers, body: body instanceof Uint8Array ? (body as never) : JSON.stringify(body) });
const tensors = (rows: readonly Row[]) => [
  { name: "beak", datatype: "FP64", shape: [rows.length], data: rows.map(({ beak }) => beak) },
  { name: "depth", datatype: "FP32", shape: [rows.length], data: rows.map(({ depth }) => depth) },
  { name: "flipper", datatype: "INT64", shape: [rows.length], data: rows.map(({ flipper }) => flipper) },
  { name: "island", datatype: "BYTES", shape: [rows.length], data: rows.map(({ island }) => island) },
];

describe("a model that is served", () => {
  let model: LinearModel;
  let url: string;
  let expected: ClassPredictions;
  beforeEach(async () => {
    model = await classifier();
    url = (await serve(model)).url;
    expected = (await model.predict(raw)) as ClassPredictions;
  });

  test("listens on this machine alone unless it is told otherwise", () => {
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  test("predicts raw rows by the Open Inference Protocol as it does in an evaluation", async () => {
    const response = await post(`${url}/v2/models/birds/versions/1/infer`, { id: "7", inputs: tensors(raw) });
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
    const rows = raw.map(
      (row): Row => ({ ...row, flipper: row.flipper ?? 190, depth: Math.fround(row.depth as number) }),
    );
    const doubles = Buffer.from(Float64Array.from(rows, ({ beak }) => beak as number).buffer);
    const floats = Buffer.from(Float32Array.from(rows, ({ depth }) => depth as number).buffer);
    const longs = Buffer.from(BigInt64Array.from(rows, ({ flipper }) => BigInt(flipper as number)).buffer);
    const texts = Buffer.concat(
      raw.map(({ island }) => {
        const text = Buffer.from(String(island));
        const length = Buffer.alloc(4);
        length.writeUInt32LE(text.length);
        return Buffer.concat([length, text]);
      }),
    );
    const pieces = [doubles, floats, longs, texts];
    const inputs = tensors(raw).map(({ data: _, ...tensor }, at) => ({
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
    const byRow = await post(`${url}/v1/models/birds:predict`, { signature_name: "serving_default", instances: raw });
    const { predictions } = (await byRow.json()) as { predictions: { prediction: string; probabilities: number[] }[] };
    expect(predictions.map(({ prediction }) => prediction)).toEqual(predictedLabels(expected));
    expect(predictions.flatMap(({ probabilities }) => probabilities)).toEqual(Array.from(expected.probabilities));
    const inputs = Object.fromEntries(Object.keys(raw[0] as Row).map((name) => [name, raw.map((row) => row[name])]));
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

  test("counts what it does, for Prometheus", async () => {
    await post(`${url}/v1/models/birds:predict`, { instances: raw });
    await post(`${url}/v2/models/birds/infer`, {});
    const text = await (await fetch(`${url}/metrics`)).text();
    expect(text).toContain('tenon_requests_total{protocol="v1",code="200"} 1\n');
    expect(text).toContain('tenon_requests_total{protocol="v2",code="400"} 1\n');
    expect(text).toContain("tenon_predicted_rows_total 12\n");
    expect(text).toContain("tenon_request_duration_seconds_count 2\n");
    expect(text).toContain('tenon_model_info{model="birds",version="1"} 1\n');
    for (const line of text.trimEnd().split("\n"))
      expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{[^}]*\})? [\d.e+-]+)$/);
  });

  test.each([
    ["no model of that name", "/v2/models/birdz/infer", {}, 404, "there is no model 'birdz'; served is 'birds'"],
    ["another version", "/v1/models/birds/versions/2:predict", {}, 404, "served is version 1"],
    ["another place", "/v3", {}, 404, "there is nothing at /v3"],
    ["another verb", "/v1/models/birds:classify", {}, 404, "'classify' is not answered"],
    ["no tensors", "/v2/models/birds/infer", {}, 400, "'inputs' is no list of tensors"],
    [
      "an unknown tensor",
      "/v2/models/birds/infer",
      { inputs: [{ name: "wing", datatype: "FP64", shape: [1], data: [1] }] },
      400,
      "there is no input 'wing'; inputs are beak, depth, flipper, island",
    ],
    [
      "a wrong datatype",
      "/v2/models/birds/infer",
      { inputs: [{ name: "beak", datatype: "BYTES", shape: [1], data: ["1"] }] },
      400,
      "of type BYTES, and a type of numbers is expected",
    ],
    [
      "an unknown datatype",
      "/v2/models/birds/infer",
      { inputs: [{ name: "beak", datatype: "FLOAT", shape: [1], data: [1] }] },
      400,
      "the datatype of the input 'beak' is 'FLOAT'",
    ],
    [
      "a wrong shape",
      "/v2/models/birds/infer",
      { inputs: [{ name: "beak", datatype: "FP64", shape: [1, 2], data: [1, 2] }] },
      400,
      "of shape [1, 2], and [-1] is expected",
    ],
    [
      "data that do not fit the shape",
      "/v2/models/birds/infer",
      { inputs: [{ name: "beak", datatype: "FP64", shape: [3], data: [1] }] },
      400,
      "are 1 elements, and its shape [3] needs 3",
    ],
    [
      "an unknown output",
      "/v2/models/birds/infer",
      { inputs: tensors(raw), outputs: [{ name: "class" }] },
      400,
      "there is no output 'class'; outputs are prediction, probabilities",
    ],
    [
      "a text for a number",
      "/v1/models/birds:predict",
      { instances: [{ ...raw[0], beak: "long" }] },
      400,
      "'beak' of row 0 is a string, and a number is expected",
    ],
    ["both forms", "/v1/models/birds:predict", { instances: raw, inputs: {} }, 400, "both 'instances' and 'inputs'"],
    [
      "a missing column",
      "/v1/models/birds:predict",
      { instances: [{ beak: 40, flipper: 190, island: "Dream" }] },
      400,
      "DATA_COLUMN_MISSING: Transforming row 0, reading the column 'depth'",
    ],
    [
      "a category never seen",
      "/v1/models/birds:predict",
      { instances: [{ ...raw[0], island: "Mars" }] },
      400,
      "DATA_CATEGORY_UNKNOWN: ",
    ],
    [
      "an unknown column",
      "/v1/models/birds:predict",
      { instances: [{ ...raw[0], wing: 1 }] },
      400,
      "there is no input 'wing'",
    ],
  ])("answers %s with an error in the protocol's shape", async (_, path, body, status, error) => {
    const response = await post(`${url}${path}`, body);
    expect(response.status).toBe(status);
    const answer = (await response.json()) as { error: string };
    expect(Object.keys(answer)).toEqual(["error"]);
    expect(answer.error.toLowerCase()).toContain(error.toLowerCase());
  });

  test("answers a body that is not JSON, and a wrong method", async () => {
    const broken = await fetch(`${url}/v2/models/birds/infer`, { method: "POST", body: "{" });
    expect([broken.status, await broken.json()]).toEqual([400, { error: expect.stringContaining("not JSON") }]);
    const got = await fetch(`${url}/v2/models/birds/infer`);
    expect([got.status, await got.json()]).toEqual([405, { error: expect.stringContaining("Use POST.") }]);
  });
});

describe("the size of a request", () => {
  test("is limited, whether it is announced or not", async () => {
    const { url } = await serve(await classifier(), { largestBody: 1000 });
    const large = { instances: Array.from({ length: 100 }, () => raw[0]) };
    const announced = await post(`${url}/v1/models/birds:predict`, large);
    expect([announced.status, await announced.json()]).toEqual([
      413,
      { error: expect.stringMatching(/\d+ bytes, and 1000 bytes/) },
    ]);
    const sending = httpRequest(`${url}/v1/models/birds:predict`, { method: "POST" });
    sending.on("error", () => {});
    sending.write(Buffer.alloc(4000, 0x20));
    const [response] = (await once(sending, "response")) as [{ statusCode: number }];
    expect(response.statusCode).toBe(413);
    sending.destroy();
    expect((await post(`${url}/v1/models/birds:predict`, { instances: [raw[0]] })).status).toBe(200);
  });

  test("may not be hidden by an encoding", async () => {
    const { url } = await serve(await classifier());
    const response = await post(`${url}/v1/models/birds:predict`, {}, { "content-encoding": "gzip" });
    expect(response.status).toBe(415);
  });
});

test("numbers come by themselves, in their own units", async () => {
  const model = regressor();
  const { url } = await serve(model);
  const { values } = (await model.predict(raw)) as NumberPredictions;
  expect(values[0]).toBeGreaterThan(2000);
  const byRow = await post(`${url}/v1/models/birds:predict`, { instances: raw });
  expect(await byRow.json()).toEqual({ predictions: Array.from(values) });
  const byTensor = await post(`${url}/v2/models/birds/infer`, { inputs: tensors(raw) });
  expect(await byTensor.json()).toMatchObject({
    outputs: [{ name: "prediction", datatype: "FP64", data: Array.from(values) }],
  });
});

test("a network that gives no numbers is the server's fault, and is said to its log", async () => {
  const errors: unknown[] = [];
  const { url } = await serve(new ScriptedModel(() => Number.NaN), { onError: (error) => void errors.push(error) });
  const response = await post(`${url}/v1/models/birds:predict`, { instances: [{ number: 1 }] });
  expect(response.status).toBe(500);
  expect(await response.json()).toEqual({ error: expect.stringContaining("PREDICTION_INVALID") });
  expect(errors).toMatchObject([{ code: "PREDICTION_INVALID" }]);
});

/** Waits in the midst of a prediction until it is let go. */
class WaitingModel extends ScriptedModel {
  disposed = 0;
  entered!: () => void;
  readonly begun = new Promise<void>((resolve) => {
    this.entered = resolve;
  });
  letGo!: () => void;
  readonly #going = new Promise<void>((resolve) => {
    this.letGo = resolve;
  });
  protected override score(features: Features): never {
    this.entered();
    return this.#going.then(() => super.score(features)) as never;
  }
  override dispose(): void {
    this.disposed += 1;
  }
}

const ask = (url: string) =>
  post(`${url}/v2/models/birds/infer`, { inputs: [{ name: "number", datatype: "INT64", shape: [1], data: [1] }] });

describe("a server that drains", () => {
  test("answers what it has begun, takes nothing more, and frees the model", async () => {
    const model = new WaitingModel();
    const server = await serve(model);
    const { url } = server;
    const answer = ask(url);
    await model.begun;
    const drained = server.drain();
    await expect(ask(url)).rejects.toThrow();
    expect(model.disposed).toBe(0);
    model.letGo();
    const response = await answer;
    expect([response.status, response.headers.get("connection")]).toEqual([200, "close"]);
    await drained;
    expect(model.disposed).toBe(1);
  });

  test("cuts off what does not end", async () => {
    const model = new WaitingModel();
    const server = await serve(model);
    const answer = ask(server.url);
    await model.begun;
    await Promise.all([server.drain(10), expect(answer).rejects.toThrow()]);
    model.letGo();
  });
});

test("a version takes over between two requests; the former one is freed once its last request is answered", async () => {
  const former = new WaitingModel();
  const server = await serve(former);
  const early = ask(server.url);
  await former.begun;
  server.replace(served(new ScriptedModel(() => 0.5), "2"));
  expect(await (await ask(server.url)).json()).toMatchObject({ model_version: "2" });
  expect(former.disposed).toBe(0);
  former.letGo();
  expect(await (await early).json()).toMatchObject({ model_version: "1" });
  await expect.poll(() => former.disposed).toBe(1);
});

test("a port that is taken is said", async () => {
  const { url } = await serve(new ScriptedModel());
  const port = Number(new URL(url).port);
  await expect(serve(new ScriptedModel(), { port })).rejects.toMatchObject({
    code: "DEPLOYMENT_FAILED",
    found: "something else listens there",
  });
});
