import { type JsonObject, suggest, TenonError } from "@tenon/core";
import { inferColumn } from "../schema/infer-schema.js";
import { type ColumnSchema, type DataSchema, sizeOf } from "../vocabulary/data-schema.js";
import { columnNames, isMissing, type Rows, type Value } from "../vocabulary/row.js";
import { checkOperations } from "./check-operations.js";
import { type FittedColumn, type FittedOperation, FittedTransform, outputColumn } from "./fitted-transform.js";
import { type ColumnOperation, operationNamed } from "./operation.js";
import { vocabulary } from "./operations/vocabulary.js";

/** How raw rows become what a model takes. Columns that it does not name are left out. */
export interface TransformOptions {
  /** What is done to each feature, in order. The order of the columns is that of the features. */
  readonly features: Readonly<Record<string, readonly ColumnOperation[]>>;
  /** What is to be predicted. Texts and truth values are numbered by `vocabulary()`, unless operations say otherwise. */
  readonly label?: string | { readonly column: string; readonly operations: readonly ColumnOperation[] };
  /** The name of one vector column of all features, in place of a column each. */
  readonly into?: string;
}

/**
 * Learns a transform from training rows. Values that are missing teach it nothing; they are filled in by `impute`.
 *
 * @throws `DATA_COLUMN_MISSING` if no row has a column that it names; `DATA_INVALID`, also for a label that is a feature, too;
 * `SPLIT_EMPTY` if there are no rows
 */
export function fit(rows: Rows, options: TransformOptions): FittedTransform {
  checkOperations(options);
  if (rows.length === 0) throw nothing();
  const features = Object.entries(options.features);
  const label = labelOf(rows, options.label);
  if (label && Object.hasOwn(options.features, label.column)) throw labelAmongFeatures(label.column);
  const names = [...features.map(([name]) => name), ...(label ? [label.column] : [])];
  const input = inputSchema(rows, names);
  const schemaOf = (name: string) => input.columns.find((column) => column.name === name) as ColumnSchema;
  const fitted = features.map(([name, operations]) => fitColumn(rows, name, operations));
  const outputs = fitted.map(({ name, operations }) => featureSchema(schemaOf(name), operations));
  const fittedLabel = label && fitColumn(rows, label.column, label.operations);
  const { into } = options;
  const columns = into === undefined ? outputs : [joinedSchema(into, outputs)];
  return new FittedTransform({
    input,
    output: {
      columns: fittedLabel
        ? [...columns, { ...outputColumn(schemaOf(fittedLabel.name), fittedLabel.operations), required: false }]
        : columns,
    },
    features: fitted,
    ...(fittedLabel && { label: fittedLabel }),
    ...(into !== undefined && { into }),
  });
}

function fitColumn(rows: Rows, name: string, operations: readonly ColumnOperation[]): FittedColumn {
  const fitted: FittedOperation[] = [];
  let values: readonly Value[] = rows.map((row) => row[name] ?? null);
  for (const { operation, options } of operations) {
    const definition = operationNamed(operation);
    const takes = (value: Value) => definition.takesMissing === true || !isMissing(value);
    const state: JsonObject = definition.fit(values.filter(takes), options, name);
    fitted.push({ operation, state });
    // What an operation makes of the training rows only matters if another one learns from it.
    if (fitted.length === operations.length) break;
    values = values.map((value) => (takes(value) ? definition.apply(value, state, name) : null));
  }
  return { name, operations: fitted };
}

function labelOf(rows: Rows, label: TransformOptions["label"]) {
  if (typeof label !== "string") return label;
  const first = rows.find((row) => !isMissing(row[label]))?.[label];
  const operations = typeof first === "string" || typeof first === "boolean" ? [vocabulary()] : [];
  return { column: label, operations };
}

function inputSchema(rows: Rows, names: readonly string[]): DataSchema {
  const there = columnNames(rows);
  const absent = names.find((name) => !there.includes(name));
  if (absent !== undefined) throw noColumn(absent, there);
  return { columns: names.map((name) => inferColumn(rows, name)) };
}

/** A feature has to come out as a number or a vector. */
function featureSchema(input: ColumnSchema, operations: readonly FittedOperation[]): ColumnSchema {
  const output = outputColumn(input, operations);
  if (output.kind === "number" || output.kind === "integer") return output;
  if (output.kind === "vector" && output.shape) return output;
  throw new TenonError("DATA_INVALID", {
    doing: `fitting the feature '${input.name}'`,
    found:
      output.kind === "vector" ? "its vectors are not of one length" : `it comes out as ${output.kind}, not as numbers`,
    fix: "End its operations with oneHot(), vocabulary() or pixels(), or leave it out.",
    details: { column: input.name },
  });
}

function joinedSchema(name: string, columns: readonly ColumnSchema[]): ColumnSchema {
  const size = columns.reduce((total, { kind, shape }) => total + (kind === "vector" ? sizeOf(shape ?? []) : 1), 0);
  return { name, kind: "vector", required: true, shape: [size] };
}

function labelAmongFeatures(column: string): TenonError {
  return new TenonError("DATA_INVALID", {
    doing: `fitting the label '${column}'`,
    found: "it is among the features, too, so that a model would be told what it is to predict",
    fix: "Leave it out of the features.",
    details: { column },
  });
}

const otherSpelling = "Look at the spelling: upper and lower case differ.";

function noColumn(name: string, there: readonly string[]): TenonError {
  return new TenonError("DATA_COLUMN_MISSING", {
    doing: `fitting the column '${name}'`,
    found: `the training rows have ${there.join(", ")}`,
    fix: suggest(name, there, otherSpelling) as string,
    details: { column: name },
  });
}

function nothing(): TenonError {
  return new TenonError("SPLIT_EMPTY", {
    doing: "fitting a transform",
    found: "there are no training rows",
    fix: "Give the training part of a split that has rows.",
  });
}
