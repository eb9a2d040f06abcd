import { sum } from "../statistics/sum.js";
import type { ConfusionMatrix } from "./confusion-matrix.js";

/** How well one class is found. What would be a division by zero is 0. */
export interface ClassMetrics {
  /** The share of the rows predicted to be of this class that are. */
  readonly precision: number;
  /** The share of the rows of this class that are predicted to be. */
  readonly recall: number;
  readonly f1: number;
  /** Rows that are of this class. */
  readonly support: number;
}

export type AveragedMetrics = Omit<ClassMetrics, "support">;

/** What can be told from predicted classes alone, without probabilities. */
export interface LabelMetrics {
  readonly accuracy: number;
  /** The mean of recall over the classes that occur in the truth. */
  readonly balancedAccuracy: number;
  /** Each class counts the same. */
  readonly macro: AveragedMetrics;
  /** Each class counts by its support. */
  readonly weighted: AveragedMetrics;
  /** Matthews' correlation coefficient: 1 is perfect, 0 no better than chance. */
  readonly matthewsCorrelation: number;
  /** Cohen's kappa: agreement beyond chance; 0 where chance alone would agree always. */
  readonly cohensKappa: number;
  readonly perClass: Readonly<Record<string, ClassMetrics>>;
}

/**
 * As scikit-learn 1.2 has them with `zero_division=0`. Averages are over the classes that occur in the truth or among the
 * predictions.
 */
export function labelMetrics({ classes, counts }: ConfusionMatrix): LabelMetrics {
  const truths = counts.map(sum);
  const guesses = classes.map((_, column) => sum(counts.map((line) => line[column] as number)));
  const hits = classes.map((_, index) => counts[index]?.[index] as number);
  const total = sum(truths);
  const correct = sum(hits);
  const each = classes.map((_, index): ClassMetrics => {
    const [hit, truth, guess] = [hits[index] as number, truths[index] as number, guesses[index] as number];
    return {
      precision: ratio(hit, guess),
      recall: ratio(hit, truth),
      f1: ratio(2 * hit, truth + guess),
      support: truth,
    };
  });
  const occurring = each.filter((_, index) => truths[index] !== 0 || guesses[index] !== 0);
  const present = each.filter(({ support }) => support > 0);
  const average = (weight: (one: ClassMetrics) => number): AveragedMetrics => {
    const weights = sum(occurring.map(weight));
    const of = (pick: (one: ClassMetrics) => number) =>
      ratio(sum(occurring.map((one) => pick(one) * weight(one))), weights);
    return { precision: of((one) => one.precision), recall: of((one) => one.recall), f1: of((one) => one.f1) };
  };
  const byChance = sum(truths.map((truth, index) => truth * (guesses[index] as number)));
  return {
    accuracy: ratio(correct, total),
    balancedAccuracy: ratio(sum(present.map(({ recall }) => recall)), present.length),
    macro: average(() => 1),
    weighted: average(({ support }) => support),
    matthewsCorrelation: ratio(
      correct * total - byChance,
      Math.sqrt(total * total - sum(truths.map(square))) * Math.sqrt(total * total - sum(guesses.map(square))),
    ),
    cohensKappa: ratio(correct * total - byChance, total * total - byChance),
    perClass: Object.fromEntries(classes.map((name, index) => [name, each[index] as ClassMetrics])),
  };
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function square(value: number): number {
  return value * value;
}
