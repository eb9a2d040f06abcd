import type { TrainedModel } from "../training/trained-model.js";
import type { ColumnKind, ColumnSchema } from "../vocabulary/data-schema.js";

/** The tensor types of the Open Inference Protocol that can occur. */
export type Datatype =
  | "BOOL"
  | "UINT8"
  | "UINT16"
  | "UINT32"
  | "UINT64"
  | "INT8"
  | "INT16"
  | "INT32"
  | "INT64"
  | "FP32"
  | "FP64"
  | "BYTES";

/** A tensor's name, type and shape; -1 is the number of rows. */
export interface TensorSignature {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
}

/** What a model takes: a tensor for each raw column; and what it gives. */
export interface Signature {
  readonly columns: readonly ColumnSchema[];
  readonly byName: ReadonlyMap<string, ColumnSchema>;
  readonly inputs: readonly TensorSignature[];
  readonly outputs: readonly TensorSignature[];
}

const datatypes: Readonly<Record<ColumnKind, Datatype>> = {
  boolean: "BOOL",
  integer: "INT64",
  number: "FP64",
  text: "BYTES",
  time: "BYTES",
  bytes: "BYTES",
  vector: "FP64",
};

/** `prediction` is the class or the number; `probabilities` has one number a class. */
export function signatureOf({ transform, label, task, classes }: TrainedModel): Signature {
  const columns = transform.state.input.columns.filter(({ name }) => name !== label);
  return {
    columns,
    byName: new Map(columns.map((column) => [column.name, column])),
    inputs: columns.map(({ name, kind, shape }) => ({
      name,
      datatype: datatypes[kind],
      shape: kind === "vector" ? [-1, ...(shape ?? [-1])] : [-1],
    })),
    outputs:
      task === "regression"
        ? [{ name: "prediction", datatype: "FP64", shape: [-1] }]
        : [
            { name: "prediction", datatype: "BYTES", shape: [-1] },
            { name: "probabilities", datatype: "FP64", shape: [-1, classes.length] },
          ],
  };
}
