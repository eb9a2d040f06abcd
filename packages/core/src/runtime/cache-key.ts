import { hash } from "node:crypto";
import type { JsonObject, JsonValue } from "../contracts/json.js";
import type { PlannedStep } from "../contracts/plan.js";

/** What an input contributes to a cache key: the digest of its content, or those of a list's items. */
export type InputDigest = string | readonly InputDigest[];

export interface CacheKey {
  readonly key: string;
  /** The same, readable: recorded with the step run, so that a later miss can be explained. */
  readonly parts: JsonObject;
}

export interface CacheKeyOptions {
  /** What saves the values of a type: materializer and format, by the type's name. */
  readonly types?: Readonly<Record<string, string>>;
  /** For one element of a map. */
  readonly element?: boolean;
}

/**
 * The key under which a step's outputs are found again; `undefined` for a step that cannot be cached because its code
 * has no fingerprint, its policy says no, or it says that it is not deterministic.
 *
 * Every field is written with its kind and its length, so that no two different sets of fields have the same bytes.
 */
export function cacheKey(
  step: PlannedStep,
  inputs: Readonly<Record<string, InputDigest>>,
  { types = {}, element = false }: CacheKeyOptions = {},
): CacheKey | undefined {
  if (step.fingerprint === undefined || !step.settings.cache.enabled || !step.settings.deterministic) return undefined;
  const parts: Record<string, JsonValue> = {
    code: step.fingerprint,
    parameters: step.parameters,
    inputs: inputs as JsonObject,
    outputs: mapValues(step.outputs, ({ type }) => (type === undefined ? null : (types[type] ?? type))),
  };
  if (element) parts.element = true;
  else if (step.mapped) parts.each = Object.keys(step.inputs).filter((name) => step.inputs[name]?.from === "each");
  if (step.settings.cache.key !== undefined) parts.key = step.settings.cache.key;
  return { key: `sha256:${hash("sha256", canonicalBytes(parts))}`, parts };
}

/** Bytes that are equal exactly if the values are: each value is its kind, its length and its content. */
export function canonicalBytes(value: JsonValue): string {
  const out: string[] = ["tenon-cache-key/1;"];
  append(out, value);
  return out.join("");
}

function append(out: string[], value: JsonValue): void {
  if (value === null) out.push("z;");
  else if (typeof value === "string") out.push(`s${value.length}:`, value);
  else if (typeof value === "number") out.push(`n${Object.is(value, -0) ? "-0" : value};`);
  else if (typeof value === "boolean") out.push(value ? "t;" : "f;");
  else if (isList(value)) {
    out.push(`l${value.length}:`);
    for (const item of value) append(out, item);
  } else {
    const names = Object.keys(value)
      .filter((name) => value[name] !== undefined)
      .sort();
    out.push(`o${names.length}:`);
    for (const name of names) {
      out.push(`${name.length}:`, name);
      append(out, value[name] as JsonValue);
    }
  }
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function mapValues<A>(record: Readonly<Record<string, A>>, change: (value: A) => JsonValue): JsonObject {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
