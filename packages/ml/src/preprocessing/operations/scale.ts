import type { JsonObject } from "@tenon/core";
import { refuseUnknown } from "../../vocabulary/known-options.js";
import { type ColumnOperation, defineOperation, numberIn } from "../operation.js";

interface Options extends JsonObject {
  readonly minimum: number;
  readonly maximum: number;
}
interface State extends Options {
  readonly low: number;
  readonly width: number;
}

const operation = defineOperation<Options, State>({
  name: "scale",
  fit(values, { minimum, maximum }, column) {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (const value of values) {
      const number = numberIn(value, column, "scaling");
      low = Math.min(low, number);
      high = Math.max(high, number);
    }
    return { minimum, maximum, low: low <= high ? low : 0, width: high > low ? high - low : 1 };
  },
  apply: (value, { minimum, maximum, low, width }, column) =>
    minimum + ((numberIn(value, column, "scaling") - low) / width) * (maximum - minimum),
});

/** Scales so that the training rows' smallest number becomes `minimum`, and their greatest `maximum`: by default 0 and 1. */
export function scale(range: { readonly minimum?: number; readonly maximum?: number } = {}): ColumnOperation {
  refuseUnknown(range, ["minimum", "maximum"], "describing scale");
  const { minimum = 0, maximum = 1 } = range;
  return operation({ minimum, maximum });
}
