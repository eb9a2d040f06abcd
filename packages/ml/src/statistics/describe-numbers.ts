import type { Histogram, NumberStatistics } from "./data-statistics.js";
import { ascending, quantile } from "./quantile.js";
import { mean, variance } from "./sum.js";

const shares = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];
const buckets = 20;

/** @param numbers at least one, none of them `NaN` */
export function describeNumbers(numbers: readonly number[]): NumberStatistics {
  // A negative zero is zero: records cannot hold it.
  const sorted = ascending(numbers.map((number) => number + 0));
  return {
    mean: mean(sorted),
    ...(sorted.length > 1 && { deviation: Math.sqrt(variance(sorted, 1)) }),
    minimum: sorted[0] as number,
    maximum: sorted.at(-1) as number,
    quantiles: Object.fromEntries(shares.map((share) => [String(share), quantile(sorted, share)])),
    zeros: sorted.reduce((count, value) => count + (value === 0 ? 1 : 0), 0),
    histogram: histogram(sorted),
  };
}

/** Where all numbers are equal, they are in the middle of an interval of width 1, as in NumPy. */
function histogram(sorted: readonly number[]): Histogram {
  let low = sorted[0] as number;
  let high = sorted.at(-1) as number;
  if (low === high) [low, high] = [low - 0.5, high + 0.5];
  // Of numbers so far apart that no number holds their distance, each is divided before.
  const near = Number.isFinite(high - low);
  const width = near ? (high - low) / buckets : high / buckets - low / buckets;
  const edge = (index: number) => (near ? low + index * width : low * (1 - index / buckets) + high * (index / buckets));
  const edges = Array.from({ length: buckets + 1 }, (_, index) => (index === buckets ? high : edge(index)));
  const counts = new Array<number>(buckets).fill(0);
  for (const value of sorted) {
    let bucket = Math.min(Math.floor(near ? (value - low) / width : value / width - low / width), buckets - 1);
    // By rounding, a value next to an edge may land on its other side.
    if (value < (edges[bucket] as number)) bucket -= 1;
    else if (bucket < buckets - 1 && value >= (edges[bucket + 1] as number)) bucket += 1;
    counts[bucket] = (counts[bucket] as number) + 1;
  }
  return { edges, counts };
}
