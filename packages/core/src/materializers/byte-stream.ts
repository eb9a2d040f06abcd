import type { Materializer } from "../contracts/materializer.js";
import { TenonError } from "../errors.js";
import { describe } from "./plain-values.js";
import { byteStream } from "./types.js";

const path = "value.bin";

export const materializer: Materializer<AsyncIterable<Uint8Array>> = {
  type: byteStream,
  format: "bytes",
  reads: ["bytes"],
  recognises: isAsyncIterable,
  async save(value, files) {
    if (!isAsyncIterable(value)) {
      throw new TenonError("MATERIALIZER_MISSING", {
        doing: "saving a value as byteStream",
        found: `it is ${describe(value)}, not a Readable or another async iterable of Uint8Arrays`,
        fix: "Return the stream itself, for example createReadStream(path).",
      });
    }
    await files.write(path, value);
  },
  async load(files) {
    return { [Symbol.asyncIterator]: () => files.stream(path)[Symbol.asyncIterator]() };
  },
};

function isAsyncIterable(value: unknown): value is AsyncIterable<Uint8Array> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
