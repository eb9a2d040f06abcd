import { TenonError } from "@tenon/core";
import { type FittedTransform, inRow } from "../preprocessing/fitted-transform.js";
import { describeValue, isMissing, type Rows } from "../vocabulary/row.js";

/** Numbers of several rows, one row after the other. */
export interface Features {
  readonly rows: number;
  /** Numbers a row: as many as the transform has `featureNames`. */
  readonly width: number;
  readonly values: Float64Array;
}

/** What a trainer learns from. */
export interface Examples extends Features {
  /** For classification the place of the class in `transform.classes`, otherwise the number that the transform makes. */
  readonly labels: Float64Array;
  /** Rows that were left out since their label is missing. */
  readonly unlabelled: number;
}

/**
 * Raw rows as numbers, by the transform that goes with the model.
 *
 * @param first the number of the first row in messages
 * @throws what `FittedTransform.applyAll` throws for a row that the model cannot take
 */
export function featuresOf(transform: FittedTransform, rows: Rows, first = 0): Features {
  const width = transform.featureNames.length;
  const values = new Float64Array(rows.length * width);
  for (const [place, row] of rows.entries()) {
    try {
      transform.writeFeatures(row, values, place * width);
    } catch (error) {
      throw inRow(error, first + place);
    }
  }
  return { rows: rows.length, width, values };
}

/** The column that is predicted. @throws `TRAINING_INVALID` if the transform has none */
export function labelOf(transform: FittedTransform): string {
  const name = transform.state.label?.name;
  if (name !== undefined) return name;
  throw new TenonError("TRAINING_INVALID", {
    doing: "looking for what a model has to predict",
    found: "the transform has no label",
    fix: "Name the column in the preprocessing step: preprocess({ label: … }).",
  });
}

/** Rows that have a label, and their labels. */
export interface Labelled extends Pick<Examples, "labels" | "unlabelled"> {
  readonly labelled: Rows;
}

/**
 * Rows as features and labels. Rows without a label are left out.
 *
 * @param what names the rows in messages: `training`
 * @throws `SPLIT_EMPTY` if nothing is left, `TRAINING_INVALID` if a label is no number and no class
 */
export function examplesOf(transform: FittedTransform, rows: Rows, what = "training"): Examples {
  const { labelled, labels, unlabelled } = labelledOf(transform, rows, what);
  return { ...featuresOf(transform, labelled), labels, unlabelled };
}

/** The labels alone. @throws as `examplesOf` */
export function labelledOf(transform: FittedTransform, rows: Rows, what: string): Labelled {
  const label = labelOf(transform);
  const labelled = rows.filter((row) => !isMissing(row[label]));
  const doing = `taking the ${what} rows`;
  if (labelled.length === 0) {
    throw new TenonError("SPLIT_EMPTY", {
      doing,
      found: rows.length === 0 ? "there are none" : `not one of ${rows.length} has a value in the column '${label}'`,
      fix: "Look at the split: each of its parts needs rows with a label.",
    });
  }
  const classes = transform.classes;
  const labels = Float64Array.from(labelled, (row) => {
    const value = transform.target(row);
    const fits = typeof value === "number" && Number.isFinite(value);
    if (fits && (classes === undefined || value < classes.length)) return value;
    throw new TenonError("TRAINING_INVALID", {
      doing,
      found: fits
        ? `the label '${String(row[label])}' is none of the classes ${classes?.join(", ")}`
        : `a label in the column '${label}' is ${describeValue(value)} after the transform, not a number`,
      fix: "Give the label a vocabulary of all its classes, or predict a column of numbers.",
    });
  });
  return { labelled, labels, unlabelled: rows.length - labelled.length };
}
