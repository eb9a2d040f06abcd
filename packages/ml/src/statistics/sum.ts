/**
 * The sum of numbers, with the error of each addition carried along, so that it does not depend on their order.
 *
 * @see A. Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", ZAMM 54 (1974)
 */
export function sum(values: Iterable<number>): number {
  let total = 0;
  let lost = 0;
  for (const value of values) {
    const next = total + value;
    lost += Math.abs(total) >= Math.abs(value) ? total - next + value : value - next + total;
    total = next;
  }
  return total + lost;
}

/** `NaN` of no values. */
export function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

/**
 * The variance in two passes.
 *
 * @param freedom what is taken from the count: 1 for a sample (pandas), 0 for a population (NumPy)
 */
export function variance(values: readonly number[], freedom: 0 | 1): number {
  const middle = mean(values);
  return sum(values.map((value) => (value - middle) ** 2)) / (values.length - freedom);
}
