import { TenonError } from "../errors.js";
import type { JsonObject, JsonValue } from "./json.js";
import { suggest } from "./nearest.js";
import type { Schema } from "./schema.js";

/** A curve: points of a place (a step, an epoch, a time) and a value, which is null where there is none. */
export interface Series {
  readonly kind: "series";
  readonly values: readonly (readonly [x: number, y: number | null])[];
  readonly [field: string]: JsonValue;
}

/** What may be given as a curve: values alone, which count from 0, or points. Those that are not finite become null. */
export type SeriesPoints = readonly (number | null)[] | readonly (readonly [x: number, y: number | null])[];

/**
 * A curve for metadata, such as a loss by epoch. `run compare` plots it.
 *
 * @throws `METADATA_INVALID` if a place is not a finite number
 * @example metadata({ model: { loss: series([0.9, 0.4, 0.2]) } });
 * @example metadata.step({ accuracy: series([[10, 0.5], [20, 0.8]]) });
 */
export function series(points: SeriesPoints): Series {
  return {
    kind: "series",
    values: points.map((point, index) => {
      const [x, y] = typeof point === "object" && point !== null ? point : [index, point];
      if (typeof x === "number" && Number.isFinite(x) && (y === null || typeof y === "number")) return [x, finite(y)];
      throw new TenonError("METADATA_INVALID", {
        doing: "making a series",
        found: `its point ${index} is [${String(x)}, ${String(y)}]`,
        fix: "Give numbers, or points of two numbers.",
      });
    }),
  };
}

function finite(y: number | null): number | null {
  return y !== null && Number.isFinite(y) ? y : null;
}

/** Reads a series: `reference.metadata("loss", seriesSchema)`. */
export const seriesSchema: Schema<Series> = {
  "~standard": {
    version: 1,
    vendor: "tenon",
    validate: (value) => (isSeries(value) ? { value } : { issues: [{ message: "it is no series" }] }),
  },
};

export function isSeries(value: unknown): value is Series {
  const { kind, values } = (value ?? {}) as Partial<Series>;
  return kind === "series" && Array.isArray(values) && values.every(isPoint);
}

function isPoint(point: unknown): boolean {
  if (!Array.isArray(point)) return false;
  const [x, y] = point;
  return typeof x === "number" && (y === null || typeof y === "number");
}

/**
 * Makes sure that what a step says can be recorded and read again as it was.
 *
 * @throws `METADATA_INVALID`
 */
export function checkMetadata(values: unknown, doing: string): asserts values is JsonObject {
  const fault = isObject(values) ? faultIn(values, "") : `it is ${kindOf(values)}`;
  if (fault === undefined) return;
  throw new TenonError("METADATA_INVALID", {
    doing,
    found: fault,
    fix: "Metadata is JSON: texts, finite numbers, true, false, null, lists and objects of such; curves are series(…).",
  });
}

/**
 * One value of what is recorded, checked by a schema if there is one.
 *
 * @param of what it is metadata of, as a noun: `version 3 of the artifact 'model'`
 * @throws `METADATA_UNKNOWN` if there is none of that name, `METADATA_INVALID` if it is not what the schema asks for
 */
export async function readMetadata<T>(
  values: Readonly<Record<string, JsonValue>>,
  key: string,
  of: string,
  schema?: Schema<T>,
): Promise<T> {
  const value = metadataValue(values, key, of);
  if (schema === undefined) return value as T;
  const result = await schema["~standard"].validate(value);
  if (!result.issues) return result.value;
  throw new TenonError("METADATA_INVALID", {
    doing: `reading the metadata '${key}' of ${of}`,
    found: `it is ${shown(value)}: ${result.issues.map(({ message }) => message.replace(/\.$/, "")).join("; ")}`,
    fix: "Read it with a schema that it fits.",
  });
}

/**
 * One value of the metadata of an artifact or a model version, as its schema has it.
 *
 * @throws `METADATA_UNKNOWN` if there is none of that name, `METADATA_INVALID` if it is not what the schema asks for
 * @example const error = await metadataOf(await client.artifacts.get("trained_model@3"), "MSE", z.number());
 */
export async function metadataOf<T>(
  owner: { readonly name: string; readonly version: string; readonly metadata: Readonly<Record<string, JsonValue>> },
  key: string,
  schema: Schema<T>,
): Promise<T> {
  return await readMetadata(owner.metadata, key, `${owner.name}@${owner.version}`, schema);
}

/** @throws `METADATA_UNKNOWN`; `METADATA_INVALID` if it is not of the JSON type that is expected */
export function metadataValue(
  values: Readonly<Record<string, JsonValue>>,
  key: string,
  of: string,
  expects?: string,
): JsonValue {
  const doing = `reading the metadata '${key}' of ${of}`;
  if (!Object.hasOwn(values, key)) {
    const known = Object.keys(values);
    throw new TenonError("METADATA_UNKNOWN", {
      doing,
      found: known.length === 0 ? "nothing is recorded of it" : `what is recorded is ${known.join(", ")}`,
      fix: suggest(key, known, "Record it in the step that makes it: metadata({ output: { key: value } }).") as string,
    });
  }
  const value = values[key] as JsonValue;
  if (expects === undefined || fits(value, expects)) return value;
  throw new TenonError("METADATA_INVALID", {
    doing,
    found: `it is ${shown(value)}, and its schema asks for ${expects}`,
    fix: "Read it with a schema that it fits.",
  });
}

function fits(value: JsonValue, expects: string): boolean {
  if (expects === "integer") return Number.isInteger(value);
  if (expects === "array") return Array.isArray(value);
  if (expects === "null") return value === null;
  if (expects === "object") return isObject(value);
  return typeof value === expects;
}

const deepest = 100;

function faultIn(value: unknown, path: string, depth = 0): string | undefined {
  if (depth > deepest) return `${path.slice(0, 60)}… is more than ${deepest} levels deep, or holds itself`;
  if (value === null || typeof value === "string" || typeof value === "boolean") return undefined;
  if (typeof value === "number") return Number.isFinite(value) ? undefined : `${path} is ${value}`;
  if (Array.isArray(value)) return first(value, (item, index) => faultIn(item, `${path}[${index}]`, depth + 1));
  if (!isObject(value)) return `${path} is ${kindOf(value)}`;
  return first(Object.entries(value), ([key, inner]) =>
    faultIn(inner, path === "" ? key : `${path}.${key}`, depth + 1),
  );
}

function first<T>(items: readonly T[], fault: (item: T, index: number) => string | undefined): string | undefined {
  for (const [index, item] of items.entries()) {
    const found = fault(item, index);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function kindOf(value: unknown): string {
  if (typeof value === "object" && value !== null) return `a ${value.constructor?.name ?? "thing"}`;
  return value === undefined ? "undefined" : value === null ? "null" : `a ${typeof value}`;
}

function shown(value: JsonValue): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
