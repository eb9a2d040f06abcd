/** Numbers that a model predicts, one a row, in the units of the raw label. */
export interface NumberPredictions {
  readonly task: "regression";
  readonly values: Float64Array;
}

/** How probable each class is for each row. */
export interface ClassPredictions {
  readonly task: "classification";
  readonly classes: readonly string[];
  /** Row after row, one number a class in the order of `classes`; those of a row sum to 1. */
  readonly probabilities: Float64Array;
}

export type Predictions = NumberPredictions | ClassPredictions;

export type Task = Predictions["task"];

/** How many rows were predicted. */
export function predictedRows(predictions: Predictions): number {
  return predictions.task === "regression"
    ? predictions.values.length
    : predictions.probabilities.length / predictions.classes.length;
}

/** The place of the most probable class of each row in `classes`; of equally probable ones the first. */
export function mostProbable({ classes, probabilities }: ClassPredictions): Uint32Array {
  const width = classes.length;
  return Uint32Array.from({ length: probabilities.length / width }, (_, row) => {
    let best = 0;
    for (let at = 1; at < width; at++) {
      if ((probabilities[row * width + at] as number) > (probabilities[row * width + best] as number)) best = at;
    }
    return best;
  });
}

/** What is predicted for each row: the most probable class, or the number. */
export function predictedLabels(predictions: Predictions): (string | number)[] {
  if (predictions.task === "regression") return Array.from(predictions.values);
  return Array.from(mostProbable(predictions), (place) => predictions.classes[place] as string);
}
