import type { HistogramBucket } from "./event.js";

/**
 * How numbers are spread, in buckets of equal width from the smallest to the greatest: what `tf.summary.histogram` makes of
 * them. Numbers that are not finite are left out. If all are equal, the last bucket holds them.
 *
 * @example log.histogram("weights", histogramOf(await weights.data()), { step });
 */
export function histogramOf(numbers: Iterable<number>, bucketCount = 30): HistogramBucket[] {
  const values = Float64Array.from(numbers).filter(Number.isFinite);
  let [minimum, maximum] = values.length === 0 ? [0, 0] : [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
  }
  const width = (maximum - minimum) / bucketCount;
  const counts = new Float64Array(bucketCount);
  const last = bucketCount - 1;
  for (const value of values) {
    const index = width > 0 ? Math.min(Math.floor((value - minimum) / width), last) : last;
    counts[index] = (counts[index] as number) + 1;
  }
  const edge = (index: number) => (index === bucketCount ? maximum : minimum + width * index);
  return Array.from(counts, (count, index) => ({ left: edge(index), right: edge(index + 1), count }));
}
