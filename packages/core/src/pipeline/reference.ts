import type { ArtifactType } from "../contracts/artifact-type.js";
import type { JsonObject } from "../contracts/json.js";
import type { Schema } from "../contracts/schema.js";
import { TenonError } from "../errors.js";
import { nearest } from "./nearest.js";

declare const carried: unique symbol;
export const referenceBrand = Symbol.for("tenon.reference");
export const unfinishedBrand = Symbol.for("tenon.unfinishedReference");

/**
 * Something that is looked up late. Passed to a step, it goes into the plan as it is, and means what it means when that
 * step starts; within a run equal references mean one version. Outside of a pipeline `get` looks it up.
 *
 * It is not the value: using it as one throws `REFERENCE_MISUSED`.
 */
export interface Reference<out T> {
  /** How it is written into a plan. */
  readonly [referenceBrand]: JsonObject;
  readonly [carried]?: T;
  /**
   * Looks it up and reads it, now.
   *
   * @throws `ARTIFACT_UNKNOWN`, `MODEL_UNKNOWN`, `RUN_UNKNOWN` and their like, which say what there is;
   * `ARTIFACT_MISSING` if the bytes were deleted; `METADATA_UNKNOWN`, `METADATA_INVALID`
   */
  get(): Promise<T>;
}

/** A reference to an artifact. */
export interface ArtifactReference<out T> extends Reference<T> {
  /**
   * What is recorded of the artifact under a name, from the very version that the reference means.
   *
   * @param schema what the value has to be; checked by `get`, and its JSON type also before a step starts
   * @example latest.metadata("MSE", z.number())
   */
  metadata<M = unknown>(key: string, schema?: Schema<M>): Reference<M>;
}

/** A reference to a version of a model: of itself no value, but what it holds can be referred to. */
export interface ModelReference {
  /** An artifact of that version. */
  artifact<T = unknown>(name: string, options?: { readonly type?: ArtifactType<T> }): ArtifactReference<T>;
  /**
   * The same where there may be none: no version in that stage, no such artifact in it. Its value is then null.
   *
   * @example compare({ candidate, production: client.model("churn", { stage: "production" }).artifact("m", { optional: true }) })
   */
  artifact<T = unknown>(
    name: string,
    options: { readonly type?: ArtifactType<T>; readonly optional: true },
  ): Reference<T | null>;
  /** What steps have said about that version. */
  metadata<M = unknown>(key: string, schema?: Schema<M>): Reference<M>;
}

/** Guards an object that stands for something that is not there yet. */
export interface Guard {
  /** As a noun: `a reference to the latest version of the artifact 'model'`. */
  readonly what: string;
  /** As a sentence: what to do instead of using it as a value. */
  readonly fix: string;
  readonly brand: symbol;
  /** What the brand says. */
  readonly marks: unknown;
}

/**
 * An object of methods that throws when it is used as if it were what it stands for: turned into a text or a number,
 * serialised, awaited, looped over, or asked for a property that it does not have.
 */
export function guarded<T extends object>(methods: object, { what, fix, brand, marks }: Guard): T {
  const misuse = (found: string, more: { fix?: string } = {}): never => {
    throw new TenonError("REFERENCE_MISUSED", { doing: `using ${what}`, found, fix, ...more });
  };
  const refuse = (found: string) => () => misuse(found);
  return new Proxy(Object.freeze({ ...methods, [brand]: marks }) as Record<string | symbol, unknown>, {
    get(object, key) {
      if (key === brand || (typeof key === "string" && Object.hasOwn(object, key))) return object[key];
      if (key === Symbol.toPrimitive || key === "toString" || key === "valueOf") {
        return refuse("it was turned into a text or a number, but the value is not known yet");
      }
      if (key === "toJSON") return refuse("it was serialised, but the value is not known yet");
      if (key === Symbol.iterator || key === Symbol.asyncIterator) return misuse("it was looped over or spread");
      if (typeof key === "symbol") return undefined;
      if (key === "then") return misuse("it was awaited (or returned from an async function)");
      return misuse(`its property '${key}' was read, which it does not have`, nearest(key, Object.keys(methods)));
    },
    set: (_, key) => misuse(`its property '${String(key)}' was set`),
  }) as unknown as T;
}

/** A reference as it goes into a plan, and the way to look it up. */
export function createReference<R extends Reference<unknown>>(
  reference: JsonObject,
  what: string,
  methods: Omit<R, typeof referenceBrand | typeof carried>,
): R {
  return guarded<R>(methods, {
    what: `the reference to ${what}`,
    fix: "Pass it to a step that works with the value; outside of a pipeline, write await reference.get().",
    brand: referenceBrand,
    marks: reference,
  });
}

/** Something from which references are made, and which is none itself. */
export function createUnfinished<T extends object>(what: string, fix: string, methods: T): T {
  return guarded<T>(methods, { what, fix, brand: unfinishedBrand, marks: { what, fix } });
}
