import { type JsonObject, suggest, TenonError } from "@tenon/core";
import { refuseUnknown } from "../../vocabulary/known-options.js";
import { type ColumnOperation, defineOperation } from "../operation.js";
import { learnVocabulary, numberOf, type VocabularyOptions, type VocabularyState } from "./vocabulary.js";

export interface OneHotOptions extends Omit<VocabularyOptions, "outOfVocabulary"> {
  /**
   * What becomes of a category that the training rows do not have: it is an error (by default), it is 0 everywhere, or it
   * is 1 at a place of its own, the last.
   */
  readonly unknown?: "error" | "zeros" | "own";
}
interface State extends VocabularyState {
  readonly unknown: "error" | "zeros" | "own";
}

const operation = defineOperation<JsonObject & OneHotOptions, State>({
  name: "oneHot",
  fit(values, options, column) {
    const unknown = options.unknown ?? "error";
    return {
      ...learnVocabulary(values, { ...options, outOfVocabulary: unknown === "error" ? 0 : 1 }, column),
      unknown,
    };
  },
  apply(value, state, column) {
    const size = sizeOf(state);
    const places = new Array<number>(size).fill(0);
    const number = numberOf(value, state, column);
    if (number < size) places[number] = 1;
    return places;
  },
  output: (state, { name, required }) => ({ name, kind: "vector", required, shape: [sizeOf(state)] }),
  names: ({ vocabulary, unknown }, column) =>
    [...vocabulary, ...(unknown === "own" ? ["(other)"] : [])].map((name) => `${column}=${name}`),
});

const ways = ["error", "zeros", "own"];

/** A number for each category, of which one is 1 and the others are 0. @throws `PARAMETER_INVALID` */
export function oneHot(options: OneHotOptions = {}): ColumnOperation {
  refuseUnknown(options, ["unknown", "values", "top", "minimumCount"], "describing oneHot");
  const { unknown = "error" } = options;
  if (!ways.includes(unknown)) {
    throw new TenonError("PARAMETER_INVALID", {
      doing: "describing what oneHot makes of unknown categories",
      found: `it is '${String(unknown)}'`,
      fix: suggest(String(unknown), ways, `Choose one of ${ways.join(", ")}.`) as string,
    });
  }
  return operation(options as JsonObject);
}

function sizeOf({ vocabulary, unknown }: State): number {
  return vocabulary.length + (unknown === "own" ? 1 : 0);
}
