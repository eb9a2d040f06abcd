import { createHash } from "node:crypto";
import { type JsonObject, TenonError } from "@tenon/core";
import { refuseUnknown } from "../../vocabulary/known-options.js";
import type { Value } from "../../vocabulary/row.js";
import { byCount, countCategories } from "../categories.js";
import { type ColumnOperation, categoryIn, defineOperation } from "../operation.js";

export interface VocabularyOptions {
  /** These, in this order, instead of those of the training rows. */
  readonly values?: readonly (string | number | boolean)[];
  /** Only the so many most frequent ones; of equally frequent ones the first in order. */
  readonly top?: number;
  /** Only those that are there at least so often. */
  readonly minimumCount?: number;
  /** How many numbers, after those of the vocabulary, stand for all other categories; by default 0: they are an error. */
  readonly outOfVocabulary?: number;
}

export interface VocabularyState extends JsonObject {
  readonly vocabulary: readonly string[];
  readonly outOfVocabulary: number;
}

const operation = defineOperation<JsonObject & VocabularyOptions, VocabularyState>({
  name: "vocabulary",
  fit: (values, options, column) => learnVocabulary(values, options, column),
  apply: (value, state, column) => numberOf(value, state, column),
  output: (_, { name, required }) => ({ name, kind: "integer", required }),
});

/** Numbers the categories of a column 0, 1, 2… in their order: numbers by size, texts by code points. */
export function vocabulary(options: VocabularyOptions = {}): ColumnOperation {
  refuseUnknown(options, ["values", "top", "minimumCount", "outOfVocabulary"], "describing vocabulary");
  return operation(options as JsonObject);
}

export function learnVocabulary(
  values: readonly Value[],
  { values: given, top, minimumCount = 1, outOfVocabulary = 0 }: VocabularyOptions,
  column: string,
): VocabularyState {
  if (given) return { vocabulary: given.map(String), outOfVocabulary };
  const all = countCategories(values, column);
  const frequent = new Set(
    byCount(all)
      .slice(0, top ?? all.length)
      .filter(({ count }) => count >= minimumCount),
  );
  return { vocabulary: all.filter((one) => frequent.has(one)).map(({ name }) => name), outOfVocabulary };
}

const indexes = new WeakMap<VocabularyState, ReadonlyMap<string, number>>();

/** @throws `DATA_CATEGORY_UNKNOWN` if it has no number, and none stands for the others */
export function numberOf(value: Value, state: VocabularyState, column: string): number {
  const { vocabulary, outOfVocabulary } = state;
  let index = indexes.get(state);
  if (!index) {
    index = new Map(vocabulary.map((name, number) => [name, number]));
    indexes.set(state, index);
  }
  const name = categoryIn(value, column, "looking up a category of");
  const number = index.get(name);
  if (number !== undefined) return number;
  if (outOfVocabulary > 0) return vocabulary.length + bucketOf(name, outOfVocabulary);
  throw unknown(name, column, vocabulary);
}

function bucketOf(name: string, buckets: number): number {
  return buckets === 1 ? 0 : createHash("sha256").update(name).digest().readUIntBE(0, 6) % buckets;
}

function unknown(name: string, column: string, vocabulary: readonly string[]): TenonError {
  const shown = vocabulary.length === 0 ? "none" : vocabulary.slice(0, 10).join(", ");
  return new TenonError("DATA_CATEGORY_UNKNOWN", {
    doing: `looking up a category of the column '${column}'`,
    found: `'${name}' was not in the training rows, which have ${shown}${vocabulary.length > 10 ? ", …" : ""}`,
    fix: "Say what to do with others: vocabulary({ outOfVocabulary: 1 }), or oneHot({ unknown: 'zeros' }).",
    details: { column, category: name },
  });
}
