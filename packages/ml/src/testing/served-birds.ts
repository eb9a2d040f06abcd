import { ModelServer, type ModelServerOptions } from "../deployment/model-server.js";
import type { ServedModel } from "../deployment/served-model.js";
import { signatureOf } from "../deployment/signature.js";
import { fit } from "../preprocessing/fit.js";
import { examplesOf } from "../training/examples.js";
import { fitSoftmax } from "../training/fit-linear.js";
import { LinearModel } from "../training/linear-model.js";
import type { TrainedModel } from "../training/trained-model.js";
import type { Row } from "../vocabulary/row.js";
import { birdFeatures, birds } from "./birds.js";

/** Raw rows as a client has them: only what the model takes. */
export const rawBirds = birds(12, 5).map(
  ({ beak, depth, flipper, island }) => ({ beak, depth, flipper, island }) as Row,
);

export async function birdClassifier(): Promise<LinearModel> {
  const transform = fit(birds(), { features: birdFeatures, label: "species" });
  const weights = await fitSoftmax(examplesOf(transform, birds()), 3, { epochs: 100, learningRate: 0.5, l2: 0 });
  return new LinearModel(transform, weights);
}

export function served(model: TrainedModel, version = "1"): ServedModel {
  return { name: "birds", version, model, signature: signatureOf(model) };
}

const open: ModelServer[] = [];

export async function serve(model: TrainedModel, options: ModelServerOptions = {}): Promise<ModelServer> {
  const server = new ModelServer(served(model), options);
  await server.listen();
  open.push(server);
  return server;
}

/** What `serve` has started since. */
export async function endServers(): Promise<void> {
  for (const server of open.splice(0)) await server.drain(0);
}

export function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers,
    body: body instanceof Uint8Array ? (body as never) : JSON.stringify(body),
  });
}

/** Rows of birds in the form of the Open Inference Protocol. */
export function birdTensors(rows: readonly Row[]) {
  return [
    { name: "beak", datatype: "FP64", shape: [rows.length], data: rows.map(({ beak }) => beak) },
    { name: "depth", datatype: "FP32", shape: [rows.length], data: rows.map(({ depth }) => depth) },
    { name: "flipper", datatype: "INT64", shape: [rows.length], data: rows.map(({ flipper }) => flipper) },
    { name: "island", datatype: "BYTES", shape: [rows.length], data: rows.map(({ island }) => island) },
  ];
}
