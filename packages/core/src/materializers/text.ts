import type { ArtifactType } from "../contracts/artifact-type.js";
import type { Materializer, Visualization } from "../contracts/materializer.js";
import { TenonError } from "../errors.js";
import { describe } from "./plain-values.js";

export interface TextFormat {
  readonly type: ArtifactType<string>;
  readonly format: string;
  readonly path: string;
  readonly mediaType?: Visualization["mediaType"];
}

/** A materializer for text of one format: saved as it is, looked at as what it is. */
export function textMaterializer({ type, format, path, mediaType }: TextFormat): Materializer<string> {
  return {
    type,
    format,
    reads: [format],
    async save(value, files) {
      assertText(value, type.name);
      await files.write(path, value);
    },
    load: (files) => files.text(path),
    metadata: (value) => ({ characters: value.length }),
    ...(mediaType && { visualize: (value: string): Visualization[] => [{ name: format, mediaType, body: value }] }),
  };
}

function assertText(value: unknown, type: string): asserts value is string {
  const found =
    typeof value !== "string"
      ? `it is ${describe(value)}, not a string`
      : /\p{Surrogate}/u.test(value)
        ? "it has half of a surrogate pair in it, which UTF-8 cannot hold"
        : undefined;
  if (found === undefined) return;
  throw new TenonError("MATERIALIZER_MISSING", {
    doing: `saving a value as ${type}`,
    found,
    fix: "Declare the output as json, or leave its type out.",
  });
}
