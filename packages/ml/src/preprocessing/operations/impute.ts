import { type JsonObject, suggest, TenonError } from "@tenon/core";
import { ascending, quantile } from "../../statistics/quantile.js";
import { mean } from "../../statistics/sum.js";
import { isMissing, type Value } from "../../vocabulary/row.js";
import { byCount, countCategories } from "../categories.js";
import { type ColumnOperation, defineOperation, numberIn } from "../operation.js";

type Scalar = string | number | boolean;
export type ImputeWith = "mean" | "median" | "mostFrequent" | { readonly constant: Scalar };

interface Options extends JsonObject {
  readonly with: ImputeWith;
  readonly absent: boolean;
}
interface State extends JsonObject {
  readonly value: Scalar;
  readonly absent: boolean;
}

const operation = defineOperation<Options, State>({
  name: "impute",
  takesMissing: true,
  fit(values, options, column) {
    const present = values.filter((value) => !isMissing(value));
    return { value: substitute(present, options.with, column), absent: options.absent };
  },
  apply: (value, { value: instead }) => (isMissing(value) ? instead : value),
  output: (_, input) => ({ ...input, required: true }),
});

/**
 * Fills in what is missing: with the mean or the median of the training rows' numbers, with their most frequent value (of equally
 * frequent ones the smallest), or with a constant.
 *
 * @throws `PARAMETER_INVALID` for another word
 * @param options.absent also where a row does not have the column at all; otherwise that is `DATA_COLUMN_MISSING`
 */
export function impute(instead: ImputeWith, { absent = false }: { readonly absent?: boolean } = {}): ColumnOperation {
  if (!isKnown(instead)) throw unknown(instead);
  return operation({ with: instead, absent });
}

const learnt = ["mean", "median", "mostFrequent"];

/** In a program without types it may be anything. */
function isKnown(instead: ImputeWith | undefined | null): boolean {
  if (typeof instead !== "object" || instead === null) return learnt.includes(instead as string);
  return ["string", "number", "boolean"].includes(typeof instead.constant);
}

function unknown(instead: unknown): TenonError {
  return new TenonError("PARAMETER_INVALID", {
    doing: "describing what impute fills in",
    found: `it is ${typeof instead === "object" ? "an object without a constant" : `'${String(instead)}'`}`,
    fix: suggest(String(instead), learnt, 'Say "mean", "median", "mostFrequent", or { constant: 0 }.') as string,
  });
}

function substitute(present: readonly Value[], instead: ImputeWith, column: string): Scalar {
  if (typeof instead === "object") return instead.constant;
  if (present.length === 0) throw nothing(column, instead);
  if (instead === "mostFrequent") return byCount(countCategories(present, column))[0]?.value as Scalar;
  const numbers = present.map((value) => numberIn(value, column, "imputing"));
  return instead === "mean" ? mean(numbers) : quantile(ascending(numbers), 0.5);
}

function nothing(column: string, instead: string): TenonError {
  return new TenonError("DATA_INVALID", {
    doing: `imputing the column '${column}' with its ${instead === "mostFrequent" ? "most frequent value" : instead}`,
    found: "it has no value in any of the training rows",
    fix: "Impute a constant, or leave the column out.",
    details: { column },
  });
}
