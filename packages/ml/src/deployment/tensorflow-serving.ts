import { type ColumnKind, type ColumnSchema, sizeOf } from "../vocabulary/data-schema.js";
import type { Row, Rows, Value } from "../vocabulary/row.js";
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
import { elementsOf, predictTensors } from "./predict-tensors.js";
import { RequestError } from "./request-error.js";
import { fromBase64 } from "./rows-of-tensors.js";
import type { ServedModel } from "./served-model.js";
import type { Datatype, Signature, TensorSignature } from "./signature.js";
import type { Tensor } from "./tensor.js";

/**
 * The REST form of TensorFlow Serving: status, metadata, and predictions by rows or by columns.
 *
 * @see https://www.tensorflow.org/tfx/serving/api_rest
 */
export async function tensorflowServing(call: Call, surface: Surface): Promise<Answer> {
  const last = call.path.at(-1) ?? "";
  // Names and versions of models have no colon in them.
  const colon = last.lastIndexOf(":");
  const verb = colon > 0 ? last.slice(colon + 1) : undefined;
  const path = verb === undefined ? call.path : [...call.path.slice(0, -1), last.slice(0, colon)];
  const { name, version, action } = modelPlace(call, path);
  if (action !== undefined && (action !== "metadata" || verb !== undefined)) throw nothingThere(call);
  const served = surface.served(name, version);
  if (verb !== undefined && verb !== "predict") {
    throw new RequestError(404, `'${verb}' is not answered`, "Use :predict.");
  }
  only(verb === undefined ? "GET" : "POST", call);
  if (verb !== undefined) return predict(call, served);
  return jsonAnswer(action === undefined ? status(served, surface.accepting) : metadata(served));
}

function status({ version }: ServedModel, accepting: boolean) {
  const state = accepting ? "AVAILABLE" : "UNLOADING";
  return { model_version_status: [{ version, state, status: { error_code: "OK", error_message: "" } }] };
}

const types: Readonly<Record<Datatype, string>> = {
  BOOL: "DT_BOOL",
  UINT8: "DT_UINT8",
  UINT16: "DT_UINT16",
  UINT32: "DT_UINT32",
  UINT64: "DT_UINT64",
  INT8: "DT_INT8",
  INT16: "DT_INT16",
  INT32: "DT_INT32",
  INT64: "DT_INT64",
  FP32: "DT_FLOAT",
  FP64: "DT_DOUBLE",
  BYTES: "DT_STRING",
};

function metadata({ name, version, signature }: ServedModel) {
  const described = (tensors: readonly TensorSignature[]) =>
    Object.fromEntries(
      tensors.map(({ name, datatype, shape }) => [
        name,
        {
          dtype: types[datatype],
          tensor_shape: { dim: shape.map((size) => ({ size: String(size), name: "" })), unknown_rank: false },
          name,
        },
      ]),
    );
  return {
    model_spec: { name, signature_name: "", version },
    metadata: {
      signature_def: {
        signature_def: {
          serving_default: {
            inputs: described(signature.inputs),
            outputs: described(signature.outputs),
            method_name: "tensorflow/serving/predict",
          },
        },
      },
    },
  };
}

async function predict(call: Call, served: ServedModel): Promise<Answer> {
  const { signature_name: signature = "serving_default", instances, inputs } = parseJson(await call.body());
  if (signature !== "serving_default" && signature !== "") {
    throw new RequestError(400, `there is no signature '${String(signature)}'`, "Use serving_default.");
  }
  if ((instances === undefined) === (inputs === undefined)) {
    throw new RequestError(
      400,
      `the body has ${instances === undefined ? "neither" : "both"} 'instances' ${instances === undefined ? "nor" : "and"} 'inputs'`,
      "Send one of them.",
    );
  }
  const rows =
    instances !== undefined ? rowsOfInstances(instances, served.signature) : rowsOfColumns(inputs, served.signature);
  const tensors = await predictTensors(served, rows, call);
  const [first] = tensors as [Tensor, ...Tensor[]];
  if (instances !== undefined) {
    const predictions = tensors.length === 1 ? elementsOf(first) : objectsOf(tensors, rows.length);
    return { ...jsonAnswer({ predictions }), rows: rows.length };
  }
  const outputs =
    tensors.length === 1
      ? elementsOf(first)
      : Object.fromEntries(tensors.map((tensor) => [tensor.name, elementsOf(tensor)]));
  return { ...jsonAnswer({ outputs }), rows: rows.length };
}

function objectsOf(tensors: readonly Tensor[], rows: number): Record<string, unknown>[] {
  const columns = tensors.map((tensor) => [tensor.name, elementsOf(tensor)] as const);
  return Array.from({ length: rows }, (_, row) => {
    const object: Record<string, unknown> = {};
    for (const [name, elements] of columns) object[name] = elements[row];
    return object;
  });
}

/** Rows as objects; plain values if the model takes one column. */
function rowsOfInstances(instances: unknown, signature: Signature): Rows {
  const { columns } = signature;
  if (!Array.isArray(instances) || instances.length === 0)
    throw new RequestError(400, "'instances' is no list with rows in it");
  return instances.map((instance: unknown, place): Row => {
    const [first, second] = columns;
    const named = typeof instance === "object" && instance !== null && !Array.isArray(instance) && !("b64" in instance);
    if (!named && first && !second) return { [first.name]: cellOf(instance, first, place) };
    if (!named)
      throw new RequestError(
        400,
        `instance ${place} is no object`,
        `Send objects with ${columns.map(({ name }) => name).join(", ")}.`,
      );
    return rowOf(instance as Readonly<Record<string, unknown>>, signature, place);
  });
}

/** The very object if it holds values as they are in rows, else another one. */
function rowOf(instance: Readonly<Record<string, unknown>>, { columns, byName }: Signature, place: number): Row {
  let row = instance as Row;
  for (const name of Object.keys(instance)) {
    const column = byName.get(name) ?? columnNamed(name, columns);
    const value = instance[name];
    const cell = cellOf(value, column, place);
    if (cell !== value) row = { ...row, [name]: cell };
  }
  return row;
}

/** A list a column; the list alone if the model takes one column. */
function rowsOfColumns(inputs: unknown, { columns }: Signature): Rows {
  const [first, second] = columns;
  const given = Array.isArray(inputs) && first && !second ? { [first.name]: inputs } : inputs;
  if (typeof given !== "object" || given === null || Array.isArray(given) || Object.keys(given).length === 0) {
    throw new RequestError(
      400,
      "'inputs' is no object with lists in it",
      `Send lists of ${columns.map(({ name }) => name).join(", ")}.`,
    );
  }
  const lists = Object.entries(given).map(([name, list]) => {
    const column = columnNamed(name, columns);
    if (!Array.isArray(list)) throw new RequestError(400, `the input '${name}' is no list`);
    return [column, list as unknown[]] as const;
  });
  const count = lists[0]?.[1].length ?? 0;
  const odd = lists.find(([, list]) => list.length !== count);
  if (odd)
    throw new RequestError(
      400,
      `the input '${odd[0].name}' has ${odd[1].length} ${odd[1].length === 1 ? "value" : "values"}, and those before it have ${count}`,
    );
  return Array.from(
    { length: count },
    (_, row): Row => Object.fromEntries(lists.map(([column, list]) => [column.name, cellOf(list[row], column, row)])),
  );
}

function columnNamed(name: string, columns: readonly ColumnSchema[]): ColumnSchema {
  const found = columns.find((column) => column.name === name);
  if (found) return found;
  throw new RequestError(
    400,
    `there is no input '${name}'; inputs are ${columns.map((column) => column.name).join(", ")}`,
  );
}

function cellOf(value: unknown, column: ColumnSchema, row: number): Value {
  if (value === null || typeof value === plainTypes[column.kind]) return value as Value;
  return otherCell(value, column, row);
}

/** What values look like that are taken as they are. */
const plainTypes: Readonly<Record<ColumnKind, string | undefined>> = {
  boolean: "boolean",
  integer: "number",
  number: "number",
  text: "string",
  time: "string",
  bytes: undefined,
  vector: undefined,
};

function otherCell(value: unknown, { name, kind, shape }: ColumnSchema, row: number): Value {
  const wrong = (expected: string) => {
    const found =
      value === undefined
        ? "missing"
        : Array.isArray(value)
          ? `a list of ${value.flat(9).length}`
          : `${typeof value === "object" ? "an" : "a"} ${typeof value}`;
    return new RequestError(400, `'${name}' of row ${row} is ${found}, and ${expected} is expected`);
  };
  const bytes =
    typeof value === "object" && value !== null && "b64" in value ? (value as { b64: unknown }).b64 : undefined;
  if (typeof bytes === "string") {
    const decoded = fromBase64(bytes, name);
    return kind === "bytes" ? decoded : Buffer.from(decoded).toString("utf8");
  }
  if (kind === "bytes") throw wrong('{ "b64": … }');
  if (kind === "vector") {
    const flat = Array.isArray(value) ? (value.flat(Number.POSITIVE_INFINITY) as unknown[]) : [];
    const size = shape ? sizeOf(shape) : flat.length;
    if (!Array.isArray(value) || flat.length !== size || flat.some((one) => typeof one !== "number")) {
      throw wrong(`a vector of ${size} numbers`);
    }
    return flat as number[];
  }
  // A large integer is its decimal text.
  if (kind === "integer" && typeof value === "string") return value;
  throw wrong(`a ${plainTypes[kind]}`);
}
