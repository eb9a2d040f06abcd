import { readdir, readFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { suggest } from "../contracts/nearest.js";
import { TenonError } from "../errors.js";

/**
 * Parameters from a YAML (or JSON) file: `epochs: 100` for the pipeline's own, `fit.epochs: 100` or
 * `fit: { epochs: 100 }` for a step's.
 *
 * @throws `PARAMETER_INVALID`
 */
export async function readParameters(path: string): Promise<Readonly<Record<string, unknown>>> {
  const { parseDocument } = await import("yaml");
  let value: unknown;
  try {
    const document = parseDocument(await readFile(path, "utf8"), { stringKeys: true });
    const [error] = document.errors;
    if (error) throw error;
    value = document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    const reason = missing ? "there is no such file" : `it is not YAML that can be read (${firstLine(cause)})`;
    throw invalid(path, reason, missing ? await nearFile(path) : undefined, cause);
  }
  if (value === null || value === undefined) return {};
  if (typeof value !== "object" || Array.isArray(value)) {
    const found = `it holds ${Array.isArray(value) ? "a list" : `a ${typeof value}`}, not parameters by name`;
    throw invalid(path, found, "Write a line for each, as in fit.epochs: 100.");
  }
  const forbidden = findPrototypeKey(value);
  if (forbidden !== undefined) throw invalid(path, `it has the key '${forbidden}', which no name may be`);
  return value as Record<string, unknown>;
}

async function nearFile(path: string): Promise<string | undefined> {
  const names = await readdir(dirname(path)).catch(() => []);
  return suggest(
    basename(path),
    names.filter((name) => /\.(ya?ml|json)$/.test(name)),
  );
}

function findPrototypeKey(value: object): string | undefined {
  for (const [key, inner] of Object.entries(value)) {
    if (key === "__proto__") return key;
    const found = typeof inner === "object" && inner !== null ? findPrototypeKey(inner) : undefined;
    if (found !== undefined) return `${key}.${found}`;
  }
  return undefined;
}

function invalid(path: string, found: string, fix?: string, cause?: unknown): TenonError {
  return new TenonError("PARAMETER_INVALID", {
    doing: `reading the parameters in ${path}`,
    found,
    ...(fix === undefined ? {} : { fix }),
    ...(cause === undefined ? {} : { cause }),
  });
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split("\n")[0] ?? "").replace(/:$/, "");
}
