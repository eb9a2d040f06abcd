import { readFile } from "node:fs/promises";
import { TenonError } from "../errors.js";

const LARGEST = 4 * 1024 * 1024;

/**
 * Parameters from a YAML or JSON file: an object whose keys are names, or names of steps with an object of theirs.
 *
 * @throws `PARAMETER_INVALID`
 */
export async function readParameters(path: string): Promise<Record<string, unknown>> {
  const invalid = (found: string, cause?: unknown) =>
    new TenonError("PARAMETER_INVALID", {
      doing: `reading the parameters in ${path}`,
      found,
      fix: "Write names and values, such as: epochs: 100.",
      ...(cause !== undefined && { cause }),
    });
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw invalid(cause instanceof Error ? cause.message : String(cause), cause);
  }
  if (text.length > LARGEST) throw invalid("it is larger than 4 MiB");
  let value: unknown;
  try {
    const { parse } = await import("yaml");
    value = path.endsWith(".json") ? JSON.parse(text) : parse(text, { maxAliasCount: 100 });
  } catch (cause) {
    throw invalid(cause instanceof Error ? (cause.message.split("\n")[0] as string).replace(/:$/, "") : String(cause), cause);
  }
  if (value === null || value === undefined) return {};
  if (typeof value === "object" && !Array.isArray(value)) return { ...(value as Record<string, unknown>) };
  throw invalid(`it holds ${Array.isArray(value) ? "a list" : `a ${typeof value}`} and no names`);
}
