import { type ArtifactReader, type ArtifactWriter, TenonError } from "@tenon/core";
import type { io, NamedTensorMap, Tensor } from "@tensorflow/tfjs";
import { z } from "zod";
import type { TensorFlow } from "../backend/names.js";
import { readJson } from "./read-json.js";

/** The bytes of a weights file, as TensorFlow.js writes them, and what lies where in them. */
export interface EncodedTensors {
  readonly specs: readonly io.WeightsManifestEntry[];
  readonly data: Uint8Array;
}

const specSchema = z.looseObject({
  name: z.string(),
  shape: z.array(z.int().nonnegative()),
  dtype: z.enum(["float32", "int32", "bool", "string", "complex64"]),
  quantization: z.looseObject({ dtype: z.enum(["float16", "uint16", "uint8"]) }).optional(),
});
export const specsSchema = z.array(specSchema);

const files = { specs: "tensors.json", data: "tensors.bin" };

export async function saveTensors(tf: TensorFlow, named: NamedTensorMap, writer: ArtifactWriter): Promise<void> {
  const list = Object.entries(named).map(([name, tensor]) => ({ name, tensor }));
  const { data, specs } = await tf.io.encodeWeights(list);
  await writer.write(files.specs, JSON.stringify(specs));
  await writer.write(files.data, new Uint8Array(data));
}

export async function loadTensors(tf: TensorFlow, reader: ArtifactReader): Promise<NamedTensorMap> {
  const specs = await readJson(reader, files.specs, specsSchema);
  const data = await reader.bytes(files.data);
  assertSize(specs, data, files.data);
  return tf.io.decodeWeights(arrayBuffer(data), specs as io.WeightsManifestEntry[]);
}

/** Its own buffer, from the first byte to the last: TensorFlow.js takes no views. */
export function arrayBuffer(bytes: Uint8Array): ArrayBuffer {
  return bytes.slice().buffer;
}

const bytesOf = { float32: 4, int32: 4, bool: 1, complex64: 8, string: 0 } as const;

/** @throws `MATERIALIZER_FAILED` if there are more or fewer bytes than the tensors take */
export function assertSize(specs: z.infer<typeof specsSchema>, data: Uint8Array, file: string): void {
  // The length of texts, and that of quantized weights, is in the data.
  const open = specs.some((spec) => spec.dtype === "string" || spec.quantization !== undefined);
  const expected = specs
    .filter((spec) => spec.quantization === undefined)
    .reduce((sum, { dtype, shape }) => sum + bytesOf[dtype] * shape.reduce((product, axis) => product * axis, 1), 0);
  if (open ? data.length >= expected : data.length === expected) return;
  throw new TenonError("MATERIALIZER_FAILED", {
    doing: `reading ${file}`,
    found: `it has ${data.length} bytes, and its tensors take ${open ? "at least " : ""}${expected}`,
    fix: "It is damaged: make the artifact again.",
  });
}

export function isTensor(value: unknown): value is Tensor {
  if (typeof value !== "object" || value === null) return false;
  const { dataId, shape, dtype, dataSync } = value as Partial<Tensor>;
  return dataId !== undefined && Array.isArray(shape) && typeof dtype === "string" && typeof dataSync === "function";
}

/** @throws `MATERIALIZER_FAILED` */
export function assertLiving(tensor: Tensor, what: string): void {
  if (!tensor.isDisposed) return;
  throw new TenonError("MATERIALIZER_FAILED", {
    doing: `saving ${what}`,
    found: "its memory has been freed: somebody called dispose, or it was made in a tidy that did not return it",
    fix: "Return it before it is disposed of: the step that takes it gets a copy.",
  });
}
