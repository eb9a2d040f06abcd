import { type JsonObject, suggest, TenonError } from "@tenon/core";
import { type ColumnSchema, type DataSchema, sizeOf } from "../vocabulary/data-schema.js";
import { describeValue, isMissing, isVector, type Row, type Rows, type Value } from "../vocabulary/row.js";
import { type OperationDefinition, operationNamed } from "./operation.js";

/** One thing that is done to one column, with what it has learnt. */
export interface FittedOperation {
  /** `impute`, `standardise`, …, or the name of a custom operation. */
  readonly operation: string;
  readonly state: JsonObject;
}

export interface FittedColumn {
  /** The raw column. */
  readonly name: string;
  readonly operations: readonly FittedOperation[];
}

/** A fitted transform as it is saved: plain data, and no code. */
export interface TransformState {
  /** What raw rows have to be like: the features, then the label. */
  readonly input: DataSchema;
  /** What transformed rows are like. */
  readonly output: DataSchema;
  readonly features: readonly FittedColumn[];
  /** The column that is to be predicted. A row that is served does not have it. */
  readonly label?: FittedColumn;
  /** All features one after the other, as one vector column of this name, in place of a column each. */
  readonly into?: string;
}

interface Prepared {
  readonly name: string;
  readonly takesAbsent: boolean;
  readonly operations: readonly { readonly definition: OperationDefinition; readonly state: JsonObject }[];
}

/**
 * What preprocessing has learnt from the training rows. It is saved with the model, and is applied to raw rows wherever the
 * model is: in training, in evaluation, in serving.
 */
export class FittedTransform {
  readonly state: TransformState;
  readonly #features: readonly Prepared[];
  readonly #label: Prepared | undefined;
  #names: readonly string[] | undefined;

  /** @throws `TRANSFORM_UNKNOWN` if an operation of it is not defined in this process */
  constructor(state: TransformState) {
    this.state = state;
    this.#features = state.features.map(prepare);
    this.#label = state.label && prepare(state.label);
  }

  /** The numbers that make up the features of one row, in order, by a name each: `Island=Dream`. */
  get featureNames(): readonly string[] {
    this.#names ??= this.state.features.flatMap((column) => numberNames(column, this.#sizeOf(column)));
    return this.#names;
  }

  /** The classes of the label in the order of their numbers, where the label is a vocabulary; otherwise absent. */
  get classes(): readonly string[] | undefined {
    const learnt = this.state.label?.operations.find(({ operation }) => operation === "vocabulary");
    return learnt?.state.vocabulary as readonly string[] | undefined;
  }

  /**
   * A raw row as the model takes it. Pure: the same row gives the same result, on every machine. A label that is
   * missing stays missing.
   *
   * @throws `DATA_COLUMN_MISSING` if the row does not have a column, `DATA_INVALID` if a value is missing or of the wrong kind,
   * `DATA_CATEGORY_UNKNOWN` if it was never seen, each unless the transform says what to do then
   */
  apply(row: Row): Row {
    const { into } = this.state;
    const features = this.#features.map((column) => featureOf(row, column));
    const entries: [string, Value][] =
      into === undefined
        ? features.map((value, index) => [(this.#features[index] as Prepared).name, value])
        : [[into, joined(features)]];
    if (this.#label) entries.push([this.#label.name, this.target(row)]);
    return Object.fromEntries(entries);
  }

  /** @throws as `apply`; the error says which row it is */
  applyAll(rows: Rows): Rows {
    return rows.map((row, index) => {
      try {
        return this.apply(row);
      } catch (error) {
        throw inRow(error, index);
      }
    });
  }

  /** The features of a raw row as one list of numbers, in the order of `featureNames`. @throws as `apply` */
  features(row: Row): number[] {
    const numbers = new Array<number>(this.featureNames.length);
    this.writeFeatures(row, numbers, 0);
    return numbers;
  }

  /** The same, written into a list that is there already, from `start` on: for many rows one after the other. */
  writeFeatures(row: Row, into: number[] | Float64Array | Float32Array, start: number): void {
    let at = start;
    for (const column of this.#features) {
      const value = featureOf(row, column);
      if (!isVector(value)) into[at++] = value as number;
      else for (let index = 0; index < value.length; index += 1) into[at++] = value[index] as number;
    }
    if (at - start !== this.featureNames.length) throw ofOtherLength(at - start, this.featureNames.length);
  }

  /** The label of a raw row, as it is predicted: null if it is missing, or the transform has none. @throws as `apply` */
  target(row: Row): Value {
    const value = this.#label && row[this.#label.name];
    return this.#label === undefined || isMissing(value) ? null : applied(value, this.#label);
  }

  /** Of a feature that is a vector. */
  #sizeOf({ name, operations }: FittedColumn): number | undefined {
    const input = this.state.input.columns.find((one) => one.name === name);
    const output = input && outputColumn(input, operations);
    return output?.kind === "vector" ? sizeOf(output.shape ?? []) : undefined;
  }
}

/** What is wrong with a row, with the row's number. */
export function inRow(error: unknown, row: number): unknown {
  if (!TenonError.is(error)) return error;
  const { code, doing, found, fix, details } = error;
  return new TenonError(code, {
    doing: `transforming row ${row}, ${doing}`,
    found,
    ...(fix !== undefined && { fix }),
    details: { ...details, row },
    cause: error,
  });
}

function prepare({ name, operations }: FittedColumn): Prepared {
  return {
    name,
    takesAbsent: operations[0]?.operation === "impute" && operations[0].state.absent === true,
    operations: operations.map(({ operation, state }) => ({ definition: operationNamed(operation), state })),
  };
}

function featureOf(row: Row, column: Prepared): Value {
  const { name, takesAbsent } = column;
  if (!takesAbsent && !Object.hasOwn(row, name)) throw absent(name, row);
  const value = applied(row[name] ?? null, column);
  if (typeof value === "number" && !Number.isFinite(value) && !isMissing(row[name]))
    throw noNumber(row[name], column, value);
  if (isMissing(value)) throw missing(name);
  return value;
}

function applied(value: Value, { name, operations }: Prepared): Value {
  let result = value;
  for (const { definition, state } of operations) {
    if (isMissing(result) && definition.takesMissing !== true) return null;
    result = definition.apply(result, state, name);
  }
  return typeof result === "boolean" ? Number(result) : result;
}

/** All numbers one after the other; of single precision only if all of them are. */
function joined(values: readonly Value[]): readonly number[] | Float32Array {
  const [first] = values;
  if (values.length === 1 && first instanceof Float32Array) return first;
  const numbers = values.flatMap((value) => (isVector(value) ? [...value] : (value as number)));
  return values.length > 0 && values.every((value) => value instanceof Float32Array)
    ? Float32Array.from(numbers)
    : numbers;
}

function numberNames({ name, operations }: FittedColumn, size: number | undefined): readonly string[] {
  const last = operations.at(-1);
  const own = last && operationNamed(last.operation).names?.(last.state, name);
  if (own) return own;
  return size === undefined ? [name] : Array.from({ length: size }, (_, index) => `${name}[${index}]`);
}

/** What a column is like after its operations. */
export function outputColumn(input: ColumnSchema, operations: readonly FittedOperation[]): ColumnSchema {
  let column = input;
  for (const { operation, state } of operations) {
    column = operationNamed(operation).output?.(state, column) ?? {
      name: column.name,
      kind: "number",
      required: column.required,
    };
  }
  return column.kind === "boolean" ? { name: column.name, kind: "integer", required: column.required } : column;
}

const sendIt = "Send it (null where it is not known), or fit the transform with impute(…, { absent: true }) for it.";

function absent(name: string, row: Row): TenonError {
  const names = Object.keys(row);
  return new TenonError("DATA_COLUMN_MISSING", {
    doing: `reading the column '${name}'`,
    found: names.length === 0 ? "the row has no columns" : `the row has ${names.join(", ")}`,
    fix: suggest(name, names, sendIt) as string,
    details: { column: name },
  });
}

function ofOtherLength(found: number, expected: number): TenonError {
  return new TenonError("DATA_INVALID", {
    doing: "making numbers of its features",
    found: `they are ${found}, and ${expected} are expected`,
    fix: "Give every vector the length that it has in the training rows.",
  });
}

function noNumber(value: Value | undefined, { name, operations }: Prepared, found: number): TenonError {
  const done = operations.map(({ definition }) => definition.name).join(", ");
  return new TenonError("DATA_INVALID", {
    doing: `reading the column '${name}'`,
    found: `${describeValue(value)} comes to ${found}${done === "" ? "" : ` by ${done}`}`,
    fix: "Leave such rows out, or do something else to the column.",
    details: { column: name },
  });
}

function missing(name: string): TenonError {
  return new TenonError("DATA_INVALID", {
    doing: `reading the column '${name}'`,
    found: "its value is missing",
    fix: "Leave such rows out, or begin the column's operations with impute(…).",
    details: { column: name },
  });
}
