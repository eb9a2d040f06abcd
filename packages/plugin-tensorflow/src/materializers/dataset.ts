import { type ArtifactReader, type Materializer, TenonError } from "@tenon/core";
import { encodeRecords, readExamples } from "@tenon/tfrecord";
import type { data, TensorContainer } from "@tensorflow/tfjs";
import { datasetRecords, type WrittenElements } from "../datasets/dataset-records.js";
import { elementOf } from "../datasets/decode-element.js";
import { descriptionSchema, type Structure } from "../datasets/structure.js";
import { tensorflow } from "../tensorflow.js";
import { dataset as type } from "../types.js";
import { readJson } from "./read-json.js";
import { refusal } from "./refusal.js";

type Dataset = data.Dataset<TensorContainer>;

const paths = { description: "dataset.json", records: "data.tfrecord" };

/** A TFRecord file with an Example for each element, and what the elements are put together of. */
export const materializer: Materializer<Dataset> = {
  type,
  format: "tfjs-dataset/1",
  reads: ["tfjs-dataset/1"],
  recognises: isDataset,

  async save(dataset, files) {
    if (!isDataset(dataset)) throw refusal(type, dataset, "Return a dataset of tf.data.");
    const written: WrittenElements = { elements: 0, structure: null };
    await files.write(paths.records, encodeRecords(datasetRecords(dataset, written, files.signal)));
    await files.write(paths.description, JSON.stringify(written));
  },

  async load(files) {
    const { elements, structure } = await readJson(files, paths.description, descriptionSchema);
    const tf = await tensorflow();
    const read = () => elementsOf(files, structure, elements, tf);
    // Its elements can be gone through by for await, too. Batches are counted by the size.
    return Object.assign(tf.data.generator(read as () => AsyncGenerator<TensorContainer>), {
      size: elements,
      [Symbol.asyncIterator]: read,
    });
  },

  metadata: ({ size }) => (Number.isFinite(size) ? { elements: size } : {}),
};

/** Read anew each time that the dataset is gone through: memory stays flat however long it is. */
async function* elementsOf(
  files: ArtifactReader,
  structure: Structure | null,
  elements: number,
  tf: Awaited<ReturnType<typeof tensorflow>>,
): AsyncGenerator<TensorContainer, void> {
  let number = 0;
  for await (const { features } of readExamples(files.stream(paths.records), { compression: "none" })) {
    if (structure === null) break;
    yield elementOf(tf, features, structure, number);
    number += 1;
  }
  if (number === elements) return;
  throw new TenonError("TFRECORD_CORRUPT", {
    doing: "reading a dataset",
    found: `it should have ${elements} elements, and has ${number}`,
    fix: "It is damaged: make the artifact again.",
  });
}

function isDataset(value: unknown): value is Dataset {
  if (typeof value !== "object" || value === null) return false;
  const { iterator, forEachAsync, batch } = value as Partial<Dataset>;
  return [iterator, forEachAsync, batch].every((method) => typeof method === "function");
}
