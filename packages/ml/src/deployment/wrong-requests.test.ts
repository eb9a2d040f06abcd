import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fit } from "../preprocessing/fit.js";
import { ScriptedModel } from "../testing/scripted-model.js";
import { birdClassifier, birdTensors, endServers, post, rawBirds, serve } from "../testing/served-birds.js";
import { LinearModel } from "../training/linear-model.js";

afterEach(endServers);

describe("a request that is wrong", () => {
  let url: string;
  beforeEach(async () => {
    url = (await serve(await birdClassifier())).url;
  });

  test.each([
    ["no model of that name", "/v2/models/birdz/infer", {}, 404, "there is no model 'birdz'; served is 'birds'"],
    ["another version", "/v1/models/birds/versions/2:predict", {}, 404, "served is version 1"],
    ["another place", "/v3", {}, 404, "there is nothing at /v3"],
    ["another place below a version", "/v1/models/birds/versions/1/weights:predict", {}, 404, "there is nothing at"],
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
      "rows that hold nothing",
      "/v2/models/birds/infer",
      { inputs: [{ name: "beak", datatype: "FP64", shape: [1_000_000_000, 0], data: [] }] },
      400,
      "the shape of the input 'beak' is [1000000000,0]",
    ],
    [
      "an unknown output",
      "/v2/models/birds/infer",
      { inputs: birdTensors(rawBirds), outputs: [{ name: "class" }] },
      400,
      "there is no output 'class'; outputs are prediction, probabilities",
    ],
    [
      "a text for a number",
      "/v1/models/birds:predict",
      { instances: [{ ...rawBirds[0], beak: "long" }] },
      400,
      "'beak' of row 0 is a string, and a number is expected",
    ],
    [
      "an object for a number",
      "/v1/models/birds:predict",
      { instances: [{ ...rawBirds[0], beak: {} }] },
      400,
      "'beak' of row 0 is an object, and a number is expected",
    ],
    [
      "columns of unequal lengths",
      "/v1/models/birds:predict",
      { inputs: { beak: [40, 41], depth: [1] } },
      400,
      "the input 'depth' has 1 value, and those before it have 2",
    ],
    [
      "both forms",
      "/v1/models/birds:predict",
      { instances: rawBirds, inputs: {} },
      400,
      "both 'instances' and 'inputs'",
    ],
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
      { instances: [{ ...rawBirds[0], island: "Mars" }] },
      400,
      "DATA_CATEGORY_UNKNOWN: ",
    ],
    [
      "an unknown column",
      "/v1/models/birds:predict",
      { instances: [{ ...rawBirds[0], wing: 1 }] },
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

  test("answers a number that is beyond all numbers as a fault of the request", async () => {
    const body = JSON.stringify({ instances: [{ ...rawBirds[0], beak: "huge" }] }).replace('"huge"', "1e999");
    const response = await fetch(`${url}/v1/models/birds:predict`, { method: "POST", body });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("DATA_INVALID: Transforming row 0");
  });

  test("answers a body that is not JSON, and a wrong method", async () => {
    const broken = await fetch(`${url}/v2/models/birds/infer`, { method: "POST", body: "{" });
    expect([broken.status, await broken.json()]).toEqual([400, { error: expect.stringContaining("not JSON") }]);
    const got = await fetch(`${url}/v2/models/birds/infer`);
    expect([got.status, await got.json()]).toEqual([405, { error: expect.stringContaining("Use POST.") }]);
  });

  test.each([
    ["GET", "/v2/models/birds/infer", "POST"],
    ["GET", "/v1/models/birds:predict", "POST"],
    ["PUT", "/v1/models/birds/versions/1:predict", "POST"],
    ["POST", "/v1/models/birds", "GET, HEAD"],
    ["DELETE", "/metrics", "GET, HEAD"],
  ])("answers %s at %s with what is allowed there", async (method, path, allowed) => {
    const response = await fetch(`${url}${path}`, { method });
    expect([response.status, response.headers.get("allow")]).toEqual([405, allowed]);
  });

  test("finds nothing below the metadata, or beside them", async () => {
    for (const place of ["metadata/more", "versions/1/weights", "versions/1/metadata/more", "versions"]) {
      expect((await fetch(`${url}/v1/models/birds/${place}`)).status, place).toBe(404);
    }
  });
});

test("a vector with something in it that is no number is refused by either protocol", async () => {
  const rows = [
    { point: [1, 2], side: "left" },
    { point: [3, 4], side: "right" },
  ];
  const transform = fit(rows, { features: { point: [] }, label: "side" });
  const { url } = await serve(new LinearModel(transform, [Float64Array.of(1, 1, 0), Float64Array.of(0, 1, 1)]));
  const byTensor = (datatype: string, data: unknown[]) =>
    post(`${url}/v2/models/birds/infer`, { inputs: [{ name: "point", datatype, shape: [1, 2], data }] });
  expect((await byTensor("FP64", [1, 2])).status).toBe(200);
  for (const [datatype, data] of [
    ["FP64", [1, null]],
    ["BOOL", [true, false]],
  ] as const) {
    const refused = await byTensor(datatype, [...data]);
    expect([refused.status, await refused.json()]).toEqual([400, { error: expect.stringContaining("is no number") }]);
  }
  expect((await post(`${url}/v1/models/birds:predict`, { instances: [{ point: [1, null] }] })).status).toBe(400);
});

describe("the size of a request", () => {
  test("is limited, whether it is announced or not", async () => {
    const { url } = await serve(await birdClassifier(), { largestBody: 1000 });
    const large = { instances: Array.from({ length: 100 }, () => rawBirds[0]) };
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
    expect((await post(`${url}/v1/models/birds:predict`, { instances: [rawBirds[0]] })).status).toBe(200);
  });

  test("may not be hidden by an encoding", async () => {
    const { url } = await serve(await birdClassifier());
    const response = await post(`${url}/v1/models/birds:predict`, {}, { "content-encoding": "gzip" });
    expect(response.status).toBe(415);
  });
});

test("a network that gives no numbers is the server's fault, and is said to its log", async () => {
  const errors: unknown[] = [];
  const { url } = await serve(new ScriptedModel(() => Number.NaN), { onError: (error) => void errors.push(error) });
  const response = await post(`${url}/v1/models/birds:predict`, { instances: [{ number: 1 }] });
  expect(response.status).toBe(500);
  const error = "PREDICTION_INVALID: The prediction failed; the server's log says why.";
  expect(await response.json()).toEqual({ error });
  expect(errors).toMatchObject([{ code: "PREDICTION_INVALID" }]);
});
