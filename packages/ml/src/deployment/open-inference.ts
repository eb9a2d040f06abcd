import { sizeOf } from "../vocabulary/data-schema.js";
import {
  type Answer,
  type Call,
  jsonAnswer,
  modelPlace,
  nothingThere,
  only,
  parseJson,
  type Surface,
} from "./exchange.js";
import { predictTensors } from "./predict-tensors.js";
import { RequestError } from "./request-error.js";
import { rowsOfTensors } from "./rows-of-tensors.js";
import type { ServedModel } from "./served-model.js";
import { bytesOfElements, elementsOfBytes, elementsOfJson, isDatatype, type Tensor } from "./tensor.js";

const jsonLength = "inference-header-content-length";

/**
 * The Open Inference Protocol, version 2, with its extension for binary tensors.
 *
 * @see https://github.com/open-inference/open-inference-protocol
 */
export async function openInference(call: Call, surface: Surface): Promise<Answer> {
  const [, area, which] = call.path;
  if (area === undefined) {
    only("GET", call);
    return jsonAnswer({ name: "tenon", version: "2", extensions: ["binary_tensor_data"] });
  }
  if (area === "health") return health(call, which, surface);
  const { name, version, action } = modelPlace(call);
  if (action === undefined) {
    only("GET", call);
    return jsonAnswer(metadata(surface.served(name, version)));
  }
  if (action === "ready") {
    only("GET", call);
    surface.served(name, version);
    return jsonAnswer({ name, ready: surface.accepting }, surface.accepting ? 200 : 503);
  }
  if (action !== "infer") throw nothingThere(call);
  only("POST", call);
  return infer(call, surface.served(name, version));
}

function health(call: Call, which: string | undefined, { accepting }: Surface): Answer {
  only("GET", call);
  if (which === "live") return jsonAnswer({ live: true });
  if (which === "ready") return jsonAnswer({ ready: accepting }, accepting ? 200 : 503);
  throw nothingThere(call);
}

function metadata({ name, version, model, signature }: ServedModel) {
  const { inputs, outputs } = signature;
  return { name, versions: [version], platform: `tenon_${model.framework}`, inputs, outputs };
}

async function infer(call: Call, served: ServedModel): Promise<Answer> {
  const { request, binary } = split(await call.body(), call.headers[jsonLength]);
  const id = request.id;
  if (id !== undefined && typeof id !== "string") throw new RequestError(400, "the field 'id' is no text");
  const rows = rowsOfTensors(readInputs(request.inputs, binary), served.signature);
  const tensors = await predictTensors(served, rows, call);
  const wanted = wantedOutputs(request, tensors);
  const pieces: Buffer[] = [];
  const outputs = wanted.map(({ tensor, asBytes }) => {
    const { name, datatype, shape, data } = tensor;
    if (!asBytes) return { name, datatype, shape, data: Array.from(data as ArrayLike<unknown>) };
    const bytes = bytesOfElements(tensor);
    pieces.push(bytes);
    return { name, datatype, shape, parameters: { binary_data_size: bytes.length } };
  });
  const response = { model_name: served.name, model_version: served.version, ...(id !== undefined && { id }), outputs };
  if (pieces.length === 0) return { ...jsonAnswer(response), rows: rows.length };
  const header = Buffer.from(JSON.stringify(response));
  return {
    status: 200,
    rows: rows.length,
    body: Buffer.concat([header, ...pieces]),
    headers: { "content-type": "application/octet-stream", "Inference-Header-Content-Length": String(header.length) },
  };
}

function split(body: Buffer, length: string | string[] | undefined) {
  if (length === undefined) return { request: parseJson(body), binary: Buffer.alloc(0) };
  const end = Number(length);
  if (!Number.isInteger(end) || end < 0 || end > body.length) {
    throw new RequestError(
      400,
      `the header Inference-Header-Content-Length is '${String(length)}', and the body has ${body.length} bytes`,
    );
  }
  return { request: parseJson(body.subarray(0, end)), binary: body.subarray(end) };
}

function readInputs(inputs: unknown, binary: Buffer): Tensor[] {
  if (!Array.isArray(inputs) || inputs.length === 0)
    throw new RequestError(400, "the field 'inputs' is no list of tensors");
  let at = 0;
  const tensors = inputs.map((input: unknown, place): Tensor => {
    const { name, datatype, shape, data, parameters } = (input ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof name !== "string") throw new RequestError(400, `input ${place} has no name`);
    if (!isDatatype(datatype)) throw new RequestError(400, `the datatype of the input '${name}' is ${shown(datatype)}`);
    if (!isShape(shape))
      throw new RequestError(
        400,
        `the shape of the input '${name}' is ${shown(shape)}`,
        "A shape is a list of whole numbers, the first of them the number of rows.",
      );
    const size = (parameters as { binary_data_size?: unknown } | undefined)?.binary_data_size;
    if (size === undefined) return { name, datatype, shape, data: elementsOfJson(name, datatype, shape, data) };
    if (data !== undefined) throw new RequestError(400, `the input '${name}' has data in JSON and binary data`);
    if (!Number.isInteger(size) || (size as number) < 0 || at + (size as number) > binary.length) {
      throw new RequestError(
        400,
        `the input '${name}' has ${shown(size)} bytes of binary data, and ${binary.length - at} are left`,
      );
    }
    const bytes = binary.subarray(at, at + (size as number));
    at += size as number;
    return { name, datatype, shape, data: elementsOfBytes(name, datatype, shape, bytes) };
  });
  if (at !== binary.length) throw new RequestError(400, `the body has ${binary.length - at} bytes that no input names`);
  return tensors;
}

function wantedOutputs(request: Readonly<Record<string, unknown>>, tensors: readonly Tensor[]) {
  const all = (request.parameters as { binary_data_output?: unknown } | undefined)?.binary_data_output === true;
  if (request.outputs === undefined) return tensors.map((tensor) => ({ tensor, asBytes: all }));
  if (!Array.isArray(request.outputs)) throw new RequestError(400, "the field 'outputs' is no list");
  return request.outputs.map((output: unknown) => {
    const { name, parameters } = (output ?? {}) as { name?: unknown; parameters?: { binary_data?: unknown } };
    const tensor = tensors.find((one) => one.name === name);
    if (tensor)
      return { tensor, asBytes: parameters?.binary_data === undefined ? all : parameters.binary_data === true };
    throw new RequestError(
      400,
      `there is no output ${shown(name)}; outputs are ${tensors.map((one) => one.name).join(", ")}`,
    );
  });
}

function isShape(shape: unknown): shape is number[] {
  if (!Array.isArray(shape) || shape.length === 0) return false;
  if (!shape.every((size) => Number.isInteger(size) && size >= 0)) return false;
  // Rows that hold nothing would take no byte of the body, however many they are.
  const size = sizeOf(shape);
  return Number.isSafeInteger(size) && (size > 0 || shape[0] === 0);
}

function shown(value: unknown): string {
  return value === undefined ? "missing" : typeof value === "string" ? `'${value}'` : JSON.stringify(value);
}
