import type { JsonValue } from "../contracts/json.js";
import type { Materializer } from "../contracts/materializer.js";
import { TenonError } from "../errors.js";
import { canonicalJson, NotJson } from "./canonical-json.js";
import { isJson } from "./is-json.js";
import { json } from "./types.js";

/** V8 holds no longer strings, and JSON is parsed from a string. */
const longestText = 0x1fffffe8;
const path = "value.json";

export const materializer: Materializer<JsonValue> = {
  type: json,
  format: "json",
  reads: ["json"],
  recognises: (value): value is JsonValue => isJson(value),

  async save(value, files) {
    const pieces = encode(value);
    const first = pieces.next().value ?? "";
    const second = pieces.next();
    if (second.done) await files.write(path, first);
    else await files.write(path, inBytes([first, second.value], pieces));
  },

  async load(files) {
    const text = await files.text(path);
    try {
      return JSON.parse(text) as JsonValue;
    } catch (cause) {
      throw new TenonError("ARTIFACT_CORRUPT", {
        doing: `reading '${path}' of a json artifact`,
        found: "it is not JSON",
        cause,
      });
    }
  },

  metadata(value) {
    if (typeof value === "number" || typeof value === "boolean") return { value };
    return Array.isArray(value) ? { length: value.length } : {};
  },
};

/** @throws `MATERIALIZER_MISSING` where JSON does not hold the value exactly */
export function* encode(value: unknown): Generator<string, void> {
  try {
    yield* canonicalJson(value);
  } catch (error) {
    if (!(error instanceof NotJson)) throw error;
    throw new TenonError("MATERIALIZER_MISSING", {
      doing: "saving a value as json",
      found: `${error.message}, which JSON cannot hold exactly`,
      fix: "Declare the output as structured (Date, Map, Set, NaN, undefined and the like), or leave its type out.",
      cause: error,
    });
  }
}

async function* inBytes(head: readonly string[], rest: Iterable<string>): AsyncIterable<Uint8Array> {
  let size = 0;
  for (const pieces of [head, rest]) {
    for (const piece of pieces) {
      const bytes = Buffer.from(piece);
      size += bytes.length;
      if (size > longestText) throw tooLong();
      yield bytes;
    }
  }
}

function tooLong(): TenonError {
  return new TenonError("MATERIALIZER_FAILED", {
    doing: "saving a value as json",
    found: `its text is longer than ${longestText} bytes, and no JavaScript engine could parse it again`,
    fix: "Declare the output as table (rows), bytes or byteStream, which are written and read piece by piece.",
  });
}
