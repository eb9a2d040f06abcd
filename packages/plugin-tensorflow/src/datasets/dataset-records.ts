import { TenonError } from "@tenon/core";
import { encodeExample } from "@tenon/tfrecord";
import type { data, TensorContainer } from "@tensorflow/tfjs";
import { tensorflow } from "../tensorflow.js";
import { featuresOf, structureOf } from "./encode-element.js";
import type { Structure } from "./structure.js";

/** What is known of a dataset once it has been gone through. */
export interface WrittenElements {
  elements: number;
  structure: Structure | null;
}

/**
 * The elements of a dataset as records of Examples. Its tensors are disposed of; what it is put together of is told on the way.
 *
 * @throws `MATERIALIZER_FAILED` if it has no end, `TENSOR_MISMATCHED` if an element is not like the first
 */
export async function* datasetRecords(
  dataset: data.Dataset<TensorContainer>,
  written: WrittenElements,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void> {
  if (dataset.size === Number.POSITIVE_INFINITY) throw endless();
  const tf = await tensorflow();
  const iterator = await dataset.iterator();
  for (;;) {
    signal?.throwIfAborted();
    const { value, done } = await iterator.next();
    if (done) return;
    try {
      written.structure ??= structureOf(value);
      yield encodeExample({ features: await featuresOf(value, written.structure, written.elements) });
      written.elements += 1;
    } finally {
      tf.dispose(value as Parameters<typeof tf.dispose>[0]);
    }
  }
}

function endless(): TenonError {
  return new TenonError("MATERIALIZER_FAILED", {
    doing: "saving a dataset",
    found: "it has no end: repeat() was called without a number",
    fix: "Save what is repeated, or take(count) of it.",
  });
}
