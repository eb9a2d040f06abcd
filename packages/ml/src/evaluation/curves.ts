/** Points of a receiver operating characteristic, from (0, 0) to (1, 1), and the area under it. */
export interface RocCurve {
  readonly falsePositiveRate: readonly number[];
  readonly truePositiveRate: readonly number[];
  /** The score from which on a row counts as positive at each point; the first point is above every score: null. */
  readonly thresholds: readonly (number | null)[];
  /** The probability that a positive row scores higher than a negative one, ties by half; null if either is missing. */
  readonly areaUnderCurve: number | null;
}

export interface PrecisionRecallCurve {
  readonly precision: readonly number[];
  readonly recall: readonly number[];
  /** One a point, but for the last point (recall 0, precision 1). */
  readonly thresholds: readonly number[];
  /** The mean of precision, weighted by the growth of recall; null if there is no positive row. */
  readonly averagePrecision: number | null;
}

/** Of rows whose probability lies in one of ten equal bins: how probable they were said to be, and how many were. */
export interface CalibrationCurve {
  readonly predicted: readonly number[];
  readonly observed: readonly number[];
  readonly rows: readonly number[];
}

/** Cumulated counts of positive and negative rows, from the highest score down, one entry a distinct score. */
interface Cumulated {
  readonly scores: readonly number[];
  readonly truePositives: readonly number[];
  readonly falsePositives: readonly number[];
}

function cumulate(positive: ArrayLike<boolean | number>, score: ArrayLike<number>): Cumulated {
  const order = Array.from(score, (_, row) => row).sort((a, b) => (score[b] as number) - (score[a] as number));
  const scores: number[] = [];
  const truePositives: number[] = [];
  const falsePositives: number[] = [];
  let hits = 0;
  for (const [place, row] of order.entries()) {
    hits += positive[row] ? 1 : 0;
    const next = order[place + 1];
    if (next !== undefined && score[next] === score[row]) continue;
    scores.push(score[row] as number);
    truePositives.push(hits);
    falsePositives.push(place + 1 - hits);
  }
  return { scores, truePositives, falsePositives };
}

/** Points on a straight line between their neighbours are left out, as scikit-learn does. */
export function rocCurve(positive: ArrayLike<boolean | number>, score: ArrayLike<number>): RocCurve {
  const { scores, truePositives, falsePositives } = cumulate(positive, score);
  const last = scores.length - 1;
  const turns = scores.flatMap((_, at) => {
    if (at === 0 || at === last) return [at];
    const bend = (counts: readonly number[]) =>
      (counts[at + 1] as number) - 2 * (counts[at] as number) + (counts[at - 1] as number);
    return bend(truePositives) !== 0 || bend(falsePositives) !== 0 ? [at] : [];
  });
  const positives = truePositives[last] ?? 0;
  const negatives = falsePositives[last] ?? 0;
  const rate = (counts: readonly number[], all: number) => [
    0,
    ...turns.map((at) => (all === 0 ? 0 : (counts[at] as number) / all)),
  ];
  const falsePositiveRate = rate(falsePositives, negatives);
  const truePositiveRate = rate(truePositives, positives);
  return {
    falsePositiveRate,
    truePositiveRate,
    thresholds: [null, ...turns.map((at) => scores[at] as number)],
    areaUnderCurve: positives === 0 || negatives === 0 ? null : trapezoids(falsePositiveRate, truePositiveRate),
  };
}

function trapezoids(x: readonly number[], y: readonly number[]): number {
  let area = 0;
  for (let at = 1; at < x.length; at++) {
    area += (((x[at] as number) - (x[at - 1] as number)) * ((y[at] as number) + (y[at - 1] as number))) / 2;
  }
  return area;
}

export function precisionRecallCurve(
  positive: ArrayLike<boolean | number>,
  score: ArrayLike<number>,
): PrecisionRecallCurve {
  const { scores, truePositives, falsePositives } = cumulate(positive, score);
  const positives = truePositives.at(-1) ?? 0;
  const precisions = truePositives.map((hits, at) => hits / (hits + (falsePositives[at] as number)));
  // Without a positive row recall is 1 by definition, as scikit-learn has it.
  const recalls = truePositives.map((hits) => (positives === 0 ? 1 : hits / positives));
  const averagePrecision = recalls.reduce(
    (total, recall, at) => total + (recall - (recalls[at - 1] ?? 0)) * (precisions[at] as number),
    0,
  );
  return {
    precision: [...precisions.toReversed(), 1],
    recall: [...recalls.toReversed(), 0],
    thresholds: scores.toReversed(),
    averagePrecision: positives === 0 ? null : averagePrecision,
  };
}

const bins = 10;

export function calibrationCurve(
  positive: ArrayLike<boolean | number>,
  probability: ArrayLike<number>,
): CalibrationCurve {
  const rows = new Array<number>(bins).fill(0);
  const predicted = new Array<number>(bins).fill(0);
  const observed = new Array<number>(bins).fill(0);
  for (let row = 0; row < probability.length; row++) {
    const value = probability[row] as number;
    const bin = binOf(value);
    rows[bin] = (rows[bin] as number) + 1;
    predicted[bin] = (predicted[bin] as number) + value;
    observed[bin] = (observed[bin] as number) + (positive[row] ? 1 : 0);
  }
  const filled = rows.flatMap((count, bin) => (count > 0 ? [bin] : []));
  return {
    predicted: filled.map((bin) => (predicted[bin] as number) / (rows[bin] as number)),
    observed: filled.map((bin) => (observed[bin] as number) / (rows[bin] as number)),
    rows: filled.map((bin) => rows[bin] as number),
  };
}

/** A value on an edge belongs to the bin below it. */
function binOf(value: number): number {
  let bin = 0;
  while (bin < bins - 1 && value > (bin + 1) * (1 / bins)) bin++;
  return bin;
}
