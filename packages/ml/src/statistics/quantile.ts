/**
 * The quantile of sorted numbers, between two neighbours in proportion: type 7 of Hyndman and Fan, as NumPy and pandas do by default.
 *
 * @param share from 0 to 1
 * @see R. J. Hyndman and Y. Fan, "Sample quantiles in statistical packages", The American Statistician 50 (1996)
 */
export function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const low = Math.floor(place);
  const below = sorted[low] ?? Number.NaN;
  const above = sorted[Math.min(low + 1, sorted.length - 1)] ?? Number.NaN;
  const part = place - low;
  // As NumPy: from the nearer end, so that the result never leaves the interval.
  return part >= 0.5 ? above - (above - below) * (1 - part) : below + (above - below) * part;
}

export function ascending(values: readonly number[]): number[] {
  return Array.from(Float64Array.from(values).sort());
}
