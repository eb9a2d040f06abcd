import { type JsonObject, TenonError } from "@tenon/core";
import { ascending, quantile } from "../../statistics/quantile.js";
import { type ColumnOperation, defineOperation, numberIn } from "../operation.js";

/** Boundaries that are said, or so many buckets that are equally full, or equally wide, in the training rows. */
export type BucketizeOptions =
  | { readonly boundaries: readonly number[] }
  | { readonly quantiles: number }
  | { readonly equalWidth: number };

interface State extends JsonObject {
  readonly boundaries: readonly number[];
}

const operation = defineOperation<JsonObject & BucketizeOptions, State>({
  name: "bucketize",
  fit(values, options, column) {
    if ("boundaries" in options) return { boundaries: checked(options.boundaries as readonly number[], column) };
    const sorted = ascending(values.map((value) => numberIn(value, column, "bucketizing")));
    const buckets = ("quantiles" in options ? options.quantiles : options.equalWidth) as number;
    if (!Number.isInteger(buckets) || buckets < 2) throw wrong(column, `it was asked for ${buckets} buckets`);
    if (sorted.length === 0) throw wrong(column, "it has no value in any of the training rows");
    return { boundaries: "quantiles" in options ? equallyFull(sorted, buckets) : equallyWide(sorted, buckets) };
  },
  apply(value, { boundaries }, column) {
    const number = numberIn(value, column, "bucketizing");
    let [from, to] = [0, boundaries.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((boundaries[middle] as number) <= number) from = middle + 1;
      else to = middle;
    }
    return from;
  },
  output: (_, { name, required }) => ({ name, kind: "integer", required }),
});

/** The number of the bucket in which a number lies: 0 below the first boundary, 1 from there on, and so on. */
export function bucketize(options: BucketizeOptions): ColumnOperation {
  return operation(options as JsonObject & BucketizeOptions);
}

/** Where many numbers are equal, quantiles coincide, and there are fewer buckets. */
function equallyFull(sorted: readonly number[], buckets: number): readonly number[] {
  const edges = Array.from({ length: buckets + 1 }, (_, index) => quantile(sorted, index / buckets));
  return edges.filter((edge, index) => index === 0 || edge - (edges[index - 1] as number) > 1e-8).slice(1, -1);
}

function equallyWide(sorted: readonly number[], buckets: number): readonly number[] {
  const low = sorted[0] as number;
  const width = ((sorted.at(-1) as number) - low) / buckets;
  return width === 0 ? [] : Array.from({ length: buckets - 1 }, (_, index) => low + width * (index + 1));
}

function checked(boundaries: readonly number[], column: string): readonly number[] {
  if (
    boundaries.every(
      (edge, index) => Number.isFinite(edge) && (index === 0 || edge > (boundaries[index - 1] as number)),
    )
  )
    return boundaries;
  throw wrong(column, `its boundaries ${boundaries.join(", ")} do not rise, or are no numbers`);
}

function wrong(column: string, found: string): TenonError {
  return new TenonError("PARAMETER_INVALID", {
    doing: `bucketizing the column '${column}'`,
    found,
    fix: "Give boundaries in rising order, or ask for at least 2 buckets.",
    details: { column },
  });
}
