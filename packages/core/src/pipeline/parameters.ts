import { isDeepStrictEqual } from "node:util";
import type { JsonObject } from "../contracts/json.js";
import type { Schema, SchemaIssue } from "../contracts/schema.js";

/** The names of an object schema's fields, where the schema library shows them (zod's `shape`, valibot's `entries`). */
export function parameterNames(schema: Schema | undefined): readonly string[] | undefined {
  if (!schema) return [];
  const { shape, entries } = schema as { shape?: unknown; entries?: unknown };
  const fields = shape ?? entries;
  return typeof fields === "object" && fields !== null ? Object.keys(fields) : undefined;
}

export type Validated =
  | { readonly value: Readonly<Record<string, unknown>> }
  | { readonly issues: readonly SchemaIssue[] };

export async function validate(schema: Schema | undefined, values: object): Promise<Validated> {
  if (!schema) return { value: {} };
  const pending = schema["~standard"].validate(values);
  const result = pending instanceof Promise ? await pending : pending;
  return result.issues ? { issues: result.issues } : { value: result.value as Record<string, unknown> };
}

/**
 * What a plan holds of validated parameters: the validated values, defaults filled in, if the schema takes them again
 * unchanged; else what was given to the schema, which is then applied when the step starts.
 */
export async function storable(
  schema: Schema | undefined,
  given: object,
  validated: Readonly<Record<string, unknown>>,
): Promise<JsonObject | undefined> {
  if (isJson(validated)) {
    const again = await validate(schema, validated);
    if ("value" in again && isDeepStrictEqual(again.value, validated)) return plain(validated);
  }
  const defined = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return isJson(defined) ? plain(defined) : undefined;
}

export function issuePath(issue: SchemaIssue): string[] {
  return (issue.path ?? []).map((part) => String(typeof part === "object" ? part.key : part));
}

export function describeIssue(issue: SchemaIssue): string {
  const path = issuePath(issue).join(".");
  const message = issue.message.replace(/\.$/, "");
  return path ? `${path}: ${message}` : message;
}

/** True for what JSON gives back unchanged; fields that are undefined count as absent. */
export function isJson(value: unknown, above: readonly unknown[] = []): boolean {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || above.includes(value)) return false;
  const inside = [...above, value];
  if (Array.isArray(value)) return value.every((item) => isJson(item, inside));
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  return Object.entries(value).every(
    ([key, field]) => key !== "__proto__" && (field === undefined || isJson(field, inside)),
  );
}

function plain(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}
