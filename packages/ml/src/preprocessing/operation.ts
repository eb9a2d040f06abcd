import { type JsonObject, suggest, TenonError } from "@tenon/core";
import type { ColumnSchema } from "../vocabulary/data-schema.js";
import { describeValue, type Value } from "../vocabulary/row.js";

/** Something to do to a column, before it has learnt anything: plain data. */
export interface ColumnOperation {
  readonly operation: string;
  readonly options: JsonObject;
}

/**
 * An operation on one column: what it learns from the training rows, and what it then does to a value. Both are pure.
 *
 * @typeParam Options what a user says @typeParam State what is saved; both are JSON
 */
export interface OperationDefinition<Options extends JsonObject = JsonObject, State extends JsonObject = JsonObject> {
  /** Unique; in a package of your own with a prefix: `acme/logarithm`. It is saved with the state. */
  readonly name: string;
  /** True if it is given missing values too; otherwise they pass it by. */
  readonly takesMissing?: boolean;
  /** Learns from the values of the training rows. */
  fit(values: readonly Value[], options: Options, column: string): State;
  /** @throws `DATA_INVALID`, `DATA_CATEGORY_UNKNOWN` */
  apply(value: Value, state: State, column: string): Value;
  /** What comes out, if `input` comes in; by default a number. */
  output?(state: State, input: ColumnSchema): ColumnSchema;
  /** A name for each number that comes out, where it is a vector: `Island=Dream`. */
  names?(state: State, column: string): readonly string[];
}

const known = new Map<string, OperationDefinition>();

/**
 * Makes an operation known to this process, by its name. Write it at the top level of a module that is loaded wherever a transform is
 * used: that of the steps, or one that `materializers` in `tenon.yaml` names.
 *
 * @returns what puts it into a column's list
 * @example
 * const logarithm = defineOperation({
 *   name: "acme/logarithm",
 *   fit: () => ({}),
 *   apply: (value) => Math.log1p(value as number),
 * });
 * preprocess({ features: { income: [logarithm(), standardise()] } });
 */
export function defineOperation<Options extends JsonObject = JsonObject, State extends JsonObject = JsonObject>(
  definition: OperationDefinition<Options, State>,
): (options?: Options) => ColumnOperation {
  known.set(definition.name, definition as unknown as OperationDefinition);
  return (options) => ({ operation: definition.name, options: options ?? {} });
}

const importIt =
  "Import the module that defines it with defineOperation, or name that module under 'materializers' in tenon.yaml.";

/** @throws `TRANSFORM_UNKNOWN` */
export function operationNamed(name: string): OperationDefinition {
  const found = known.get(name);
  if (found) return found;
  throw new TenonError("TRANSFORM_UNKNOWN", {
    doing: `looking for the operation '${name}' of a transform`,
    found: `known here are ${[...known.keys()].sort().join(", ")}`,
    fix: suggest(name, known.keys(), importIt) as string,
    details: { operation: name },
  });
}

/** @throws `DATA_INVALID` unless it is a number, or a truth value, which counts 0 or 1 */
export function numberIn(value: Value, column: string, doing: string): number {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return Number(value);
  throw unfit(column, doing, "a number", value);
}

/** What a value is called among categories. @throws `DATA_INVALID` if it cannot be one */
export function categoryIn(value: Value, column: string, doing: string): string {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return String(value);
  throw unfit(column, doing, "a category", value);
}

export function unfit(column: string, doing: string, expected: string, value: Value | undefined): TenonError {
  return new TenonError("DATA_INVALID", {
    doing: `${doing} the column '${column}'`,
    found: `expected ${expected}, found ${describeValue(value)}`,
    details: { column },
  });
}
