/** Counts of rows by true class (rows of the matrix) and predicted class (columns), in the order of `classes`. */
export interface ConfusionMatrix {
  readonly classes: readonly string[];
  readonly counts: readonly (readonly number[])[];
}

/** @param truth places of the true classes in `classes` @param predicted places of the predicted ones */
export function confusionMatrix(
  classes: readonly string[],
  truth: ArrayLike<number>,
  predicted: ArrayLike<number>,
): ConfusionMatrix {
  const counts = classes.map(() => new Array<number>(classes.length).fill(0));
  for (let row = 0; row < truth.length; row++) {
    const line = counts[truth[row] as number] as number[];
    const column = predicted[row] as number;
    line[column] = (line[column] as number) + 1;
  }
  return { classes, counts };
}
