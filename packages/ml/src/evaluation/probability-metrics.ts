import { rocCurve } from "./curves.js";

/** The least probability that the logarithm is taken of, as scikit-learn has it for 64-bit numbers. */
const least = Number.EPSILON;

/**
 * The mean of -log(probability of the true class), natural logarithm. Rows of probabilities are first cut to
 * [2.2e-16, 1 - 2.2e-16] and made to sum to 1.
 *
 * @param probabilities row after row, `width` classes each @param truth places of the true classes
 */
export function logLoss(truth: ArrayLike<number>, probabilities: ArrayLike<number>, width: number): number {
  let total = 0;
  for (let row = 0; row < truth.length; row++) {
    let sum = 0;
    for (let at = 0; at < width; at++) sum += clip(probabilities[row * width + at] as number);
    total -= Math.log(clip(probabilities[row * width + (truth[row] as number)] as number) / sum);
  }
  return total / truth.length;
}

function clip(probability: number): number {
  return Math.min(Math.max(probability, least), 1 - least);
}

/** The mean squared difference of a probability from what happened (0 or 1). */
export function brierScore(positive: ArrayLike<boolean | number>, probability: ArrayLike<number>): number {
  let total = 0;
  for (let row = 0; row < probability.length; row++) {
    total += ((probability[row] as number) - (positive[row] ? 1 : 0)) ** 2;
  }
  return total / probability.length;
}

/** The share of rows whose true class is among the `k` most probable; of equally probable ones the later class wins. */
export function topKAccuracy(
  truth: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  width: number,
  k: number,
): number {
  let hits = 0;
  for (let row = 0; row < truth.length; row++) {
    const own = truth[row] as number;
    const score = probabilities[row * width + own] as number;
    let before = 0;
    for (let at = 0; at < width; at++) {
      const other = probabilities[row * width + at] as number;
      if (other > score || (other === score && at > own)) before++;
    }
    if (before < k) hits++;
  }
  return hits / truth.length;
}

/** Areas under the curves of each class against the rest, averaged; null if some class is missing from the truth. */
export function oneVersusRestAreas(
  truth: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  width: number,
): { readonly macro: number | null; readonly weighted: number | null; readonly each: readonly (number | null)[] } {
  const classes = Array.from({ length: width }, (_, index) => index);
  const support = classes.map((index) => Array.from(truth).filter((one) => one === index).length);
  const each = classes.map((index) => {
    const positive = Array.from(truth, (one) => one === index);
    return rocCurve(positive, column(probabilities, width, index)).areaUnderCurve;
  });
  if (each.some((area) => area === null)) return { macro: null, weighted: null, each };
  const areas = each as readonly number[];
  return {
    macro: areas.reduce((sum, area) => sum + area, 0) / width,
    weighted: areas.reduce((sum, area, index) => sum + area * (support[index] as number), 0) / truth.length,
    each,
  };
}

/** One class's probabilities. */
export function column(probabilities: ArrayLike<number>, width: number, index: number): Float64Array {
  return Float64Array.from(
    { length: probabilities.length / width },
    (_, row) => probabilities[row * width + index] as number,
  );
}
