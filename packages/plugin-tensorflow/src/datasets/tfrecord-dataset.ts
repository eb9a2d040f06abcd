import type { Compression } from "@tenon/tfrecord";
import type { data, Tensor, TensorContainer } from "@tensorflow/tfjs";
import { tensorflow } from "../tensorflow.js";
import type { Structure } from "./structure.js";

/** A feature as a tensor: `{ dtype: "float32", shape: [28, 28] }`. */
export interface FeatureTensor {
  /** Floats are `float32`, integers `int32` or `bool`, byte strings `string`. By default `float32`. */
  readonly dtype?: "float32" | "int32" | "bool" | "string";
  /** By default a single value. */
  readonly shape?: readonly number[];
}

/**
 * TFRecord files of `tf.train.Example`, written by TensorFlow or by anything else, as a dataset of tensors by name. The files
 * are read when the dataset is gone through, each time anew.
 *
 * @throws (when it is gone through) `TFRECORD_CORRUPT`, `MESSAGE_INVALID`, and `TENSOR_MISMATCHED` if a feature is missing, or
 * of another kind or size
 * @example
 * const images = await tfrecordDataset(["train-1.tfrecord", "train-2.tfrecord"], {
 *   image: { shape: [28, 28, 1] },
 *   label: { dtype: "int32" },
 * });
 * await model.fitDataset(images.map(({ image, label }) => ({ xs: image, ys: label })).batch(32), { epochs: 5 });
 */
export async function tfrecordDataset<Name extends string>(
  files: string | readonly string[],
  features: Readonly<Record<Name, FeatureTensor>>,
): Promise<data.Dataset<Record<Name, Tensor>>> {
  const [{ elementOf }, { readExamples }] = await Promise.all([
    import("./decode-element.js"),
    import("@tenon/tfrecord"),
  ]);
  const tf = await tensorflow();
  const members = Object.entries<FeatureTensor>(features).map(([name, { dtype = "float32", shape = [] }]) => ({
    name,
    value: { kind: "tensor", feature: name, dtype, shape } as const,
  }));
  const structure: Structure = { kind: "object", members };
  const read = async function* () {
    let number = 0;
    for (const file of typeof files === "string" ? [files] : files) {
      for await (const example of readExamples(file)) {
        yield elementOf(tf, example.features, structure, number) as Record<Name, Tensor>;
        number += 1;
      }
    }
  };
  return tf.data.generator(read as () => AsyncGenerator<Record<Name, Tensor>>);
}

/**
 * Writes a dataset as a TFRecord file of `tf.train.Example`, a feature for each tensor by its name in the elements; a bare tensor
 * is `value`. The file appears when it is whole.
 *
 * @throws `TENSOR_MISMATCHED` if an element is not like the first, `MATERIALIZER_FAILED` if the dataset has no end
 */
export async function writeTfrecordDataset(
  path: string,
  dataset: data.Dataset<TensorContainer>,
  options: { readonly compression?: Compression; readonly signal?: AbortSignal } = {},
): Promise<{ readonly records: number }> {
  const [{ datasetRecords }, { writeRecords }] = await Promise.all([
    import("./dataset-records.js"),
    import("@tenon/tfrecord"),
  ]);
  return writeRecords(path, datasetRecords(dataset, { elements: 0, structure: null }, options.signal), options);
}
