import type { JsonObject } from "@tenon/core";
import { defineOperation, unfit } from "../operation.js";

interface State extends JsonObject {
  readonly size: number;
}

/** Raw pixels, a byte each, as numbers from 0 to 1. All images have to have the size of those in the training rows. */
export const pixels = defineOperation<JsonObject, State>({
  name: "pixels",
  fit(values, _, column) {
    const [first] = values;
    if (!(first instanceof Uint8Array)) throw unfit(column, "reading the pixels of", "bytes", first);
    return { size: first.length };
  },
  apply(value, { size }, column) {
    const expected = `${size} bytes`;
    if (!(value instanceof Uint8Array) || value.length !== size)
      throw unfit(column, "reading the pixels of", expected, value);
    const shares = new Float32Array(size);
    for (let index = 0; index < size; index += 1) shares[index] = (value[index] as number) / 255;
    return shares;
  },
  output: ({ size }, { name, required }) => ({ name, kind: "vector", required, shape: [size] }),
});
