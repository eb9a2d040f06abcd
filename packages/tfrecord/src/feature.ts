import { TenonError } from "@tenon/core";

/**
 * A `tf.train.Feature`: a list of byte strings, of float32 numbers or of 64-bit integers, or a feature that says nothing.
 *
 * Integers are held in a `BigInt64Array` and so are exact, whatever their size: `values[0]` is `7n`. Floats are what
 * the format holds, 32 bits wide.
 *
 * @see https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/example/feature.proto
 */
export type Feature =
  | { readonly kind: "bytes"; readonly values: readonly Uint8Array[] }
  | { readonly kind: "float"; readonly values: Float32Array }
  | { readonly kind: "int64"; readonly values: BigInt64Array }
  | { readonly kind: "none" };

export type FeatureKind = Feature["kind"];

/** Features by name. */
export type Features = ReadonlyMap<string, Feature>;

/** A feature of byte strings; texts become UTF-8. */
export function bytesList(values: Iterable<Uint8Array | string>): Feature {
  return { kind: "bytes", values: Array.from(values, (value) => (typeof value === "string" ? utf8(value) : value)) };
}

/**
 * A feature of float32 numbers: each becomes the nearest one.
 *
 * @throws `EXAMPLE_INVALID` for a finite number that is too large for 32 bits
 */
export function floatList(numbers: Iterable<number>): Feature {
  if (numbers instanceof Float32Array) return { kind: "float", values: numbers };
  // What can be gone through only once is looked at twice.
  const given = Array.isArray(numbers) ? (numbers as readonly number[]) : Array.from(numbers);
  const values = Float32Array.from(given);
  if (!values.every(Number.isFinite)) {
    for (const [index, number] of given.entries()) {
      if (Number.isFinite(number) && !Number.isFinite(values[index])) {
        throw invalid("a list of floats", index, `${number}, which is too large for 32 bits`);
      }
    }
  }
  return { kind: "float", values };
}

/**
 * A feature of 64-bit integers.
 *
 * @throws `EXAMPLE_INVALID` for a number that is no integer or beyond 2^53 (pass a bigint), and a bigint beyond 64 bits
 */
export function int64List(integers: Iterable<number | bigint>): Feature {
  if (integers instanceof BigInt64Array) return { kind: "int64", values: integers };
  const values = Array.from(integers, (integer, index) => {
    if (typeof integer === "bigint") {
      if (BigInt.asIntN(64, integer) === integer) return integer;
      throw invalid("a list of 64-bit integers", index, `${integer}, which needs more than 64 bits`);
    }
    if (Number.isSafeInteger(integer)) return BigInt(integer);
    const why = Number.isInteger(integer) ? "not exact as a number: pass a bigint" : "no integer";
    throw invalid("a list of 64-bit integers", index, `${integer}, which is ${why}`);
  });
  return { kind: "int64", values: BigInt64Array.from(values) };
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function invalid(what: string, index: number, found: string): TenonError {
  return new TenonError("EXAMPLE_INVALID", { doing: `making ${what}`, found: `value ${index} is ${found}` });
}
