import { bytesList, type Feature, floatList, int64List } from "@tenon/tfrecord";
import type { Tensor, TensorContainer } from "@tensorflow/tfjs";
import { isTensor } from "../materializers/named-tensors.js";
import { type Structure, shapeFeature, unfit } from "./structure.js";

const doing = "saving a dataset";

/** What an element is put together of. Members of objects give the features their names; a bare tensor is `value`. */
export function structureOf(element: TensorContainer, feature = ""): Structure {
  const own = feature === "" ? "value" : feature;
  const inner = (name: string) => (feature === "" ? name : `${feature}/${name}`);
  if (element === undefined || element === null) return { kind: "nothing" };
  if (isTensor(element)) {
    const { dtype, shape } = element;
    if (dtype === "complex64") throw unfit(doing, 0, own, "a tensor that a tf.train.Example holds", "of complex64");
    return { kind: "tensor", feature: own, dtype, shape: [...shape] };
  }
  if (typeof element === "number" || typeof element === "boolean")
    return { kind: typeof element as "number", feature: own };
  if (typeof element === "string") return { kind: "text", feature: own };
  if (element instanceof Float32Array) return { kind: "float32Array", feature: own };
  if (element instanceof Int32Array) return { kind: "int32Array", feature: own };
  if (element instanceof Uint8Array) return { kind: "uint8Array", feature: own };
  if (Array.isArray(element)) {
    return { kind: "array", items: element.map((item, index) => structureOf(item, inner(String(index)))) };
  }
  const members = Object.entries(element).map(([name, value]) => ({ name, value: structureOf(value, inner(name)) }));
  return { kind: "object", members };
}

/** The features of an element, checked against the structure of the first. */
export async function featuresOf(
  element: TensorContainer,
  structure: Structure,
  number: number,
): Promise<Map<string, Feature>> {
  const features = new Map<string, Feature>();
  await add(features, element, structure, number);
  return features;
}

async function add(
  features: Map<string, Feature>,
  value: TensorContainer,
  structure: Structure,
  number: number,
): Promise<void> {
  if (structure.kind === "array") {
    const items = Array.isArray(value) ? value : [];
    if (!Array.isArray(value) || items.length !== structure.items.length) {
      throw unfit(
        doing,
        number,
        "",
        `a list of ${structure.items.length}`,
        Array.isArray(value) ? `one of ${items.length}` : typeof value,
      );
    }
    for (const [index, item] of structure.items.entries()) await add(features, items[index], item, number);
    return;
  }
  if (structure.kind === "object") {
    const found =
      typeof value === "object" && value !== null && !isTensor(value) ? (value as Record<string, TensorContainer>) : {};
    const [expected, names] = [structure.members.map(({ name }) => name).sort(), Object.keys(found).sort()];
    if (expected.join() !== names.join())
      throw unfit(doing, number, "", `an object of ${expected.join(", ")}`, `one of ${names.join(", ") || "nothing"}`);
    for (const member of structure.members) await add(features, found[member.name], member.value, number);
    return;
  }
  const found = structureOf(value, structure.kind === "nothing" ? "" : structure.feature);
  const [wanted, got] = [structure, found].map((one) =>
    one.kind === "tensor" ? `a tensor of ${one.dtype}` : one.kind,
  );
  if (structure.kind === "nothing") {
    if (found.kind !== "nothing") throw unfit(doing, number, "", "nothing", got as string);
    return;
  }
  if (wanted !== got) throw unfit(doing, number, structure.feature, wanted as string, got as string);
  if (features.has(structure.feature))
    throw unfit(doing, number, structure.feature, "the only part of that name", "a second one");
  if (structure.kind !== "tensor") {
    features.set(structure.feature, leafFeature(value as Exclude<TensorContainer, Tensor>));
    return;
  }
  const tensor = value as Tensor;
  features.set(structure.feature, await tensorFeature(tensor));
  if (tensor.shape.join() !== structure.shape.join())
    features.set(shapeFeature(structure.feature), int64List(tensor.shape));
}

function leafFeature(value: Exclude<TensorContainer, Tensor>): Feature {
  if (typeof value === "number") return floatList([value]);
  if (typeof value === "boolean") return int64List([value ? 1n : 0n]);
  if (typeof value === "string" || value instanceof Uint8Array) return bytesList([value]);
  return value instanceof Float32Array ? floatList(value) : int64List(value as Int32Array);
}

async function tensorFeature(tensor: Tensor): Promise<Feature> {
  if (tensor.dtype === "string") return bytesList((await tensor.bytes()) as unknown as Uint8Array[]);
  const values = await tensor.data();
  return tensor.dtype === "float32" ? floatList(values as Float32Array) : int64List(values as Int32Array);
}
