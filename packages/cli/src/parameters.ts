import { resolve } from "node:path";
import type { ParameterSource } from "@tenon/core/internal";
import { usageError } from "./usage-error.js";

export interface ParameterOptions {
  readonly param?: readonly string[];
  readonly params?: readonly string[];
}

/** What `--params` and `--param` set; the weaker first. */
export async function readParameters(directory: string, options: ParameterOptions): Promise<ParameterSource[]> {
  const sources: ParameterSource[] = [];
  for (const file of options.params ?? []) {
    const { readParameterFile } = await import("@tenon/core/internal");
    sources.push({ origin: "file", values: await readParameterFile(resolve(directory, file)) });
  }
  const values: Record<string, string> = {};
  for (const text of options.param ?? []) {
    const equals = text.indexOf("=");
    if (equals < 1) {
      throw usageError(
        `reading --param ${text}`,
        "it is not name=value",
        "Write, for example, --param fit.epochs=100.",
      );
    }
    Object.defineProperty(values, text.slice(0, equals).trim(), {
      value: text.slice(equals + 1),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  if (Object.keys(values).length > 0) sources.push({ origin: "command line", values, text: true });
  return sources;
}
