import type { Feature, Features } from "@tenon/tfrecord";
import type { TensorContainer, TensorContainerObject } from "@tensorflow/tfjs";
import type { TensorFlow } from "../backend/names.js";
import { type Structure, shapeFeature, unfit } from "./structure.js";

const doing = "reading a dataset";

/** The element that lies in an Example. */
export function elementOf(tf: TensorFlow, features: Features, structure: Structure, number: number): TensorContainer {
  switch (structure.kind) {
    case "nothing":
      // What TensorFlow.js itself makes of undefined when it goes through a dataset.
      return null as unknown as undefined;
    case "array":
      return structure.items.map((item) => elementOf(tf, features, item, number));
    case "object": {
      const members = structure.members.map(
        ({ name, value }) => [name, elementOf(tf, features, value, number)] as const,
      );
      return Object.fromEntries(members) as TensorContainerObject;
    }
    case "tensor":
      return tensorOf(tf, features, structure, number);
    default:
      return leafOf(features, structure, number);
  }
}

function tensorOf(
  tf: TensorFlow,
  features: Features,
  structure: Structure & { kind: "tensor" },
  number: number,
): TensorContainer {
  const { feature, dtype } = structure;
  const other = features.get(shapeFeature(feature));
  const shape = other?.kind === "int64" ? Array.from(other.values, Number) : [...structure.shape];
  const list = dtype === "float32" ? "float" : dtype === "string" ? "bytes" : "int64";
  const values = listOf(features, feature, list, number);
  const expected = shape.reduce((product, size) => product * size, 1);
  if (values.length !== expected) {
    throw unfit(doing, number, feature, `${expected} values of shape [${shape.join(", ")}]`, `${values.length}`);
  }
  if (list === "bytes") return tf.tensor(values as unknown as string[], shape, "string");
  if (list === "float") return tf.tensor(values as Float32Array, shape, "float32");
  const integers = integersOf(values as BigInt64Array, feature, number);
  return dtype === "bool" ? tf.tensor(Uint8Array.from(integers), shape, "bool") : tf.tensor(integers, shape, "int32");
}

/** Tensors have no wider integers. */
function integersOf(values: BigInt64Array, feature: string, number: number): Int32Array {
  const wide = values.find((value) => BigInt.asIntN(32, value) !== value);
  if (wide !== undefined) throw unfit(doing, number, feature, "integers of 32 bits", String(wide));
  return Int32Array.from(values, Number);
}

function leafOf(
  features: Features,
  { kind, feature }: Exclude<Structure, { kind: "tensor" | "nothing" | "array" | "object" }>,
  number: number,
): TensorContainer {
  switch (kind) {
    case "float32Array":
      return listOf(features, feature, "float", number);
    case "int32Array":
      return integersOf(listOf(features, feature, "int64", number), feature, number);
    case "number":
      return only(listOf(features, feature, "float", number), feature, number);
    case "boolean":
      return only(listOf(features, feature, "int64", number), feature, number) === 1n;
    case "uint8Array":
      return only(listOf(features, feature, "bytes", number), feature, number);
    case "text":
      return new TextDecoder().decode(only(listOf(features, feature, "bytes", number), feature, number));
  }
}

type Lists = { [F in Exclude<Feature, { kind: "none" }> as F["kind"]]: F["values"] };

function listOf<K extends keyof Lists>(features: Features, name: string, kind: K, number: number): Lists[K] {
  const feature = features.get(name);
  if (feature?.kind === kind) return (feature as unknown as { values: Lists[K] }).values;
  throw unfit(doing, number, name, `a list of ${kind}`, feature === undefined ? "missing" : `one of ${feature.kind}`);
}

function only<T>(values: ArrayLike<T>, feature: string, number: number): T {
  if (values.length !== 1) throw unfit(doing, number, feature, "one value", `${values.length}`);
  return values[0] as T;
}
