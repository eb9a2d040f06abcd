import { afterEach, describe, expect, test } from "vitest";
import { ScriptedModel } from "../testing/scripted-model.js";
import { birdClassifier, endServers, post, rawBirds, serve, served } from "../testing/served-birds.js";
import type { Features } from "../training/examples.js";

afterEach(endServers);

test("listens on this machine alone unless it is told otherwise", async () => {
  const { url } = await serve(new ScriptedModel());
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
});

test("counts what it does, for Prometheus", async () => {
  const { url } = await serve(await birdClassifier());
  await post(`${url}/v1/models/birds:predict`, { instances: rawBirds });
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

  test("takes no other version, and frees it", async () => {
    const [model, late] = [new WaitingModel(), new WaitingModel()];
    const server = await serve(model);
    await server.drain();
    server.replace(served(late, "2"));
    expect([model.disposed, late.disposed, server.served.version]).toEqual([1, 1, "1"]);
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
