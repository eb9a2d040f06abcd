import { type ArtifactType, isArtifactType } from "../contracts/artifact-type.js";
import type { JsonObject } from "../contracts/json.js";
import type { Schema } from "../contracts/schema.js";
import { TenonError } from "../errors.js";
import { type Handle, handlesOwner, handleTarget } from "./handle.js";
import { type Reference, referenceBrand, unfinishedBrand } from "./reference.js";

declare const carried: unique symbol;
const external_ = Symbol.for("tenon.external");
const each_ = Symbol.for("tenon.each");

/** A value from outside that becomes an artifact of its own name. */
export interface External<out T> {
  readonly [external_]: { readonly value: unknown; readonly name?: string; readonly type?: ArtifactType<unknown> };
  readonly [carried]?: T;
}

/** One element of a list at a time, in a `map`. */
export interface Each<out T> {
  readonly [each_]: unknown;
  readonly [carried]?: T;
}

/** What may be passed where a step takes a `T`. */
export type Wire<T> =
  | T
  | Handle<T>
  | External<T>
  | Reference<T>
  | (T extends readonly (infer E)[] ? readonly Wire<E>[] : never);

export type Wires<Inputs> = { readonly [K in keyof Inputs]: Wire<Inputs[K]> };
export type MapWires<Inputs> = { readonly [K in keyof Inputs]: Wire<Inputs[K]> | Each<Inputs[K]> };

/**
 * Brings in a value from outside under a name of its own; a plain literal is named after the step that takes it.
 *
 * @param options.name the artifact's name @param options.type its type, where the value alone does not say it
 * @example train({ rows: external(rows, { name: "survey-2026" }) })
 */
export function external<T>(
  value: T,
  options: { readonly name?: string; readonly type?: ArtifactType<T> } = {},
): External<T> {
  if (handleTarget(value) || handlesOwner(value)) {
    throw new TenonError("HANDLE_MISUSED", {
      doing: "bringing in an external value",
      found: "it is the output of a step",
      fix: "Pass the output to the step itself, without external().",
    });
  }
  return Object.freeze({ [external_]: { value, ...options } }) as External<T>;
}

/** Marks a list that a `map` goes through: the step gets one element at a time. */
export function each<T>(
  list: Handle<readonly T[]> | Reference<readonly T[]> | External<readonly T[]> | readonly Wire<T>[],
): Each<T> {
  return Object.freeze({ [each_]: list }) as Each<T>;
}

/** A wire as the compiler sees it. */
export type Connection =
  | { readonly kind: "output"; readonly node: object; readonly output: string }
  | {
      readonly kind: "literal";
      readonly value: unknown;
      readonly type: ArtifactType<unknown> | undefined;
      readonly artifact: string | undefined;
    }
  | { readonly kind: "list"; readonly items: readonly Connection[] }
  | { readonly kind: "each"; readonly list: Exclude<Connection, { kind: "each" }> }
  | { readonly kind: "reference"; readonly reference: JsonObject };

/** @param declared the type that the step's input declares, for literals */
export function connect(
  wire: unknown,
  declared: ArtifactType<unknown> | Schema | undefined,
  doing: string,
): Connection {
  const type = isArtifactType(declared) ? declared : undefined;
  const listed = branded(wire, each_);
  if (listed === undefined) return connectPlain(wire, type, doing);
  const list = connectPlain(listed, undefined, doing);
  if (list.kind === "literal" && !Array.isArray(list.value)) {
    throw new TenonError("INPUT_INVALID", { doing, found: "each() was given something that is not a list" });
  }
  return { kind: "each", list };
}

function connectPlain(
  wire: unknown,
  type: ArtifactType<unknown> | undefined,
  doing: string,
): Exclude<Connection, { kind: "each" }> {
  const to = handleTarget(wire);
  if (to) return { kind: "output", node: to.node, output: to.output };
  const several = handlesOwner(wire);
  if (several) {
    throw new TenonError("INPUT_INVALID", {
      doing,
      found: `it was given everything that step '${several.step}' returned`,
      fix: several.names.length > 0 ? `Choose one of its outputs: ${several.names.join(", ")}.` : "It has no outputs.",
    });
  }
  const outside = branded(wire, external_) as External<unknown>[typeof external_] | undefined;
  if (outside) {
    return { kind: "literal", value: outside.value, type: outside.type ?? type, artifact: outside.name };
  }
  const reference = branded(wire, referenceBrand) as JsonObject | undefined;
  if (reference) return { kind: "reference", reference };
  const unfinished = branded(wire, unfinishedBrand) as { readonly what: string; readonly fix: string } | undefined;
  if (unfinished)
    throw new TenonError("INPUT_INVALID", { doing, found: `it is ${unfinished.what}`, fix: unfinished.fix });
  if (branded(wire, each_) !== undefined) {
    throw new TenonError("INPUT_INVALID", { doing, found: "each() stands inside a list or another each()" });
  }
  if (typeof wire === "function" || wire === undefined || typeof wire === "symbol") {
    throw new TenonError("INPUT_INVALID", {
      doing,
      found: wire === undefined ? "it is undefined" : `it is a ${typeof wire}, which is no data`,
      fix: "Pass an output of another step or a value.",
    });
  }
  if (Array.isArray(wire) && wire.some(isWiring)) {
    return { kind: "list", items: wire.map((item, index) => connectPlain(item, undefined, `${doing}[${index}]`)) };
  }
  refuseBuried(wire, doing);
  return { kind: "literal", value: wire, type, artifact: undefined };
}

function isWiring(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (handleTarget(value) || handlesOwner(value)) return true;
  if (external_ in value || referenceBrand in value || each_ in value || unfinishedBrand in value) return true;
  return Array.isArray(value) && value.some(isWiring);
}

function refuseBuried(value: unknown, doing: string): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return;
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return;
  for (const [key, field] of Object.entries(value)) {
    if (!isWiring(field)) continue;
    throw new TenonError("INPUT_INVALID", {
      doing,
      found: `it is an object whose field '${key}' is the output of a step`,
      fix: "Pass each output as an input of its own, or as an element of a list.",
    });
  }
}

function branded(value: unknown, brand: symbol): unknown {
  return typeof value === "object" && value !== null ? (value as Record<symbol, unknown>)[brand] : undefined;
}
