import { type ColumnSchema, sizeOf } from "../vocabulary/data-schema.js";
import type { Row, Rows, Value } from "../vocabulary/row.js";
import { RequestError } from "./request-error.js";
import type { Signature } from "./signature.js";
import type { Element, Tensor } from "./tensor.js";

/** Tensors as raw rows: one tensor a column, the first dimension counts the rows. @throws `REQUEST_INVALID` */
export function rowsOfTensors(tensors: readonly Tensor[], { columns }: Signature): Rows {
  const known = columns.map(({ name }) => name);
  const seen = new Set<string>();
  let count: number | undefined;
  for (const { name, shape } of tensors) {
    if (!known.includes(name))
      throw new RequestError(400, `there is no input '${name}'; inputs are ${known.join(", ")}`);
    if (seen.has(name)) throw new RequestError(400, `the input '${name}' is there twice`);
    seen.add(name);
    const rows = shape[0] as number;
    if (count !== undefined && rows !== count) {
      throw new RequestError(400, `the input '${name}' has ${rows} rows, and those before it have ${count}`);
    }
    count = rows;
  }
  const readers = tensors.map((tensor) => {
    const column = columns.find(({ name }) => name === tensor.name) as ColumnSchema;
    return [tensor.name, readerOf(tensor, column)] as const;
  });
  return Array.from(
    { length: count ?? 0 },
    (_, row): Row => Object.fromEntries(readers.map(([name, read]) => [name, read(row)])),
  );
}

function readerOf(tensor: Tensor, column: ColumnSchema): (row: number) => Value {
  const { name, datatype, shape, data } = tensor;
  const width = sizeOf(shape.slice(1));
  const wanted = column.kind === "vector" ? sizeOf(column.shape ?? [width]) : 1;
  if (width !== wanted) {
    const expected = column.kind === "vector" ? [-1, ...(column.shape ?? [])] : [-1];
    throw new RequestError(
      400,
      `the input '${name}' is of shape [${shape.join(", ")}], and [${expected.join(", ")}] is expected`,
    );
  }
  const text = column.kind === "text" || column.kind === "time" || column.kind === "bytes";
  if (text !== (datatype === "BYTES")) {
    throw new RequestError(
      400,
      `the input '${name}' is of type ${datatype}, and ${text ? "BYTES" : column.kind === "boolean" ? "BOOL" : "a type of numbers"} is expected`,
    );
  }
  if (column.kind === "vector") {
    const odd = data instanceof Float64Array ? -1 : data.findIndex((element) => typeof element !== "number");
    if (odd >= 0) throw new RequestError(400, `element ${odd} of the input '${name}' is no number`);
    return (row) => Array.from(data.slice(row * width, (row + 1) * width) as ArrayLike<number>);
  }
  return (row) => cellOf(data[row] as Element, column);
}

/** An element of BYTES is a text, or bytes in base64 where the column holds bytes. */
function cellOf(element: Element, { kind, name }: ColumnSchema): Value {
  if (element === null) return null;
  if (kind === "bytes") return typeof element === "string" ? fromBase64(element, name) : (element as Uint8Array);
  if (element instanceof Uint8Array) return Buffer.from(element).toString("utf8");
  return element;
}

/** @throws `REQUEST_INVALID` */
export function fromBase64(text: string, name: string): Uint8Array {
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64").replace(/=+$/, "") === text.replace(/=+$/, "")) return new Uint8Array(bytes);
  throw new RequestError(400, `a value of '${name}' is not base64`, "Bytes are sent as base64 in JSON.");
}
