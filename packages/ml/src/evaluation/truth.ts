import { TenonError } from "@tenon/core";
import { labelledOf } from "../training/examples.js";
import type { TrainedModel } from "../training/trained-model.js";
import { describeValue, type Rows } from "../vocabulary/row.js";

/** Rows that a model can be judged by, and what is true of them. */
export interface Truth {
  readonly rows: Rows;
  /** Places of classes, or numbers in the label's own units. */
  readonly labels: Float64Array;
  readonly unlabelled: number;
}

/** @throws `SPLIT_EMPTY`, `EVALUATION_INVALID`, `DATA_CATEGORY_UNKNOWN` for a class that the model does not know */
export function truthOf({ transform, task, label }: TrainedModel, rows: Rows): Truth {
  const { labelled, labels, unlabelled } = labelledOf(transform, rows, "test");
  if (task === "classification") return { rows: labelled, labels, unlabelled };
  const numbers = Float64Array.from(labelled, (row) => {
    const value = row[label];
    if (typeof value === "number") return value;
    throw new TenonError("EVALUATION_INVALID", {
      doing: `judging predictions of '${label}'`,
      found: `a test row has ${describeValue(value)} there, not a number`,
      fix: "Give the label as numbers in the data.",
    });
  });
  return { rows: labelled, labels: numbers, unlabelled };
}
