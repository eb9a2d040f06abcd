import type { Materializer } from "../contracts/materializer.js";
import { TenonError } from "../errors.js";
import { describe } from "./plain-values.js";
import { bytes } from "./types.js";

const path = "value.bin";

export const materializer: Materializer<Uint8Array> = {
  type: bytes,
  format: "bytes",
  reads: ["bytes"],
  recognises: (value): value is Uint8Array => value instanceof Uint8Array,
  async save(value, files) {
    if (!(value instanceof Uint8Array)) {
      throw new TenonError("MATERIALIZER_MISSING", {
        doing: "saving a value as bytes",
        found: `it is ${describe(value)}, not a Uint8Array`,
        fix: "Declare another type, or leave the type out.",
      });
    }
    await files.write(path, value);
  },
  load: (files) => files.bytes(path),
};
