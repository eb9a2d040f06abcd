import type { JsonObject } from "@tenon/core";
import { mean, variance } from "../../statistics/sum.js";
import { defineOperation, numberIn } from "../operation.js";

interface State extends JsonObject {
  readonly mean: number;
  readonly deviation: number;
}

/**
 * Takes the mean away and divides by the standard deviation, that of a population, both of the training rows. A column of equal
 * numbers is divided by 1.
 */
export const standardise = defineOperation<JsonObject, State>({
  name: "standardise",
  fit(values, _, column) {
    const numbers = values.map((value) => numberIn(value, column, "standardising"));
    const middle = numbers.length === 0 ? 0 : mean(numbers);
    const spread = numbers.length === 0 ? 0 : variance(numbers, 0);
    return { mean: middle, deviation: isRounding(spread, middle, numbers.length) ? 1 : Math.sqrt(spread) };
  },
  apply: (value, { mean, deviation }, column) => (numberIn(value, column, "standardising") - mean) / deviation,
});

/** A variance that equal numbers may have by rounding alone, bounded as scikit-learn's StandardScaler does. */
function isRounding(variance: number, mean: number, count: number): boolean {
  const bound = count * Number.EPSILON;
  return variance <= bound * variance + (bound * mean) ** 2;
}
