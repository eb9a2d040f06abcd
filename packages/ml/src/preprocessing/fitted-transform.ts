import type { JsonObject } from "@tenon/core";
import type { DataSchema } from "../vocabulary/data-schema.js";
import type { Row, Rows } from "../vocabulary/row.js";

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
  /** What raw rows have to be like. */
  readonly input: DataSchema;
  /** What transformed rows are like. */
  readonly output: DataSchema;
  readonly features: readonly FittedColumn[];
  /** The column that is to be predicted. A row that is served does not have it. */
  readonly label?: FittedColumn;
  /** All features one after the other, as one vector column of this name, in place of a column each. */
  readonly into?: string;
}

/**
 * What preprocessing has learnt from the training rows. It is saved with the model, and is applied to raw rows wherever the
 * model is: in training, in evaluation, in serving.
 */
export interface FittedTransform {
  readonly state: TransformState;
  /** The numbers that make up the features of one row, in order, by a name each: `Island=Dream`. */
  readonly featureNames: readonly string[];
  /** The classes of the label in the order of their numbers, where the label is a vocabulary; otherwise absent. */
  readonly classes: readonly string[] | undefined;
  /**
   * A raw row as the model takes it. Pure: the same row gives the same result, on every machine. A label that is
   * missing stays missing.
   *
   * @throws `DATA_COLUMN_MISSING`, `DATA_CATEGORY_UNKNOWN`, `DATA_INVALID`
   */
  apply(row: Row): Row;
  applyAll(rows: Rows): Rows;
  /** The features of a raw row as one list of numbers, in the order of `featureNames`. */
  features(row: Row): number[];
}
