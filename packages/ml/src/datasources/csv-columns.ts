import { suggest, TenonError } from "@tenon/core";
import { isTime } from "../schema/infer-schema.js";
import type { ColumnKind } from "../vocabulary/data-schema.js";
import type { Value } from "../vocabulary/row.js";

const numberText = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const wholeText = /^[+-]?\d+$/;
const truths: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["false", false],
  ["True", true],
  ["False", false],
  ["TRUE", true],
  ["FALSE", false],
]);
const kindsOfText = ["boolean", "integer", "number", "text", "time"];

/**
 * How the texts of a column are read. Numbers with leading zeros, and whole numbers that no number holds exactly, are names rather
 * than numbers: they stay text.
 *
 * @throws `PARAMETER_INVALID` for a kind that texts do not have; `DATA_UNREADABLE` when a text is not of the kind that was said
 */
export function columnReader(
  name: string,
  texts: readonly string[],
  kind: ColumnKind | undefined,
): (text: string) => Value {
  if (kind !== undefined && !kindsOfText.includes(kind)) throw noKind(name, kind);
  switch (kind ?? kindOf(texts)) {
    case "boolean":
      return (text) => truths.get(text) ?? refuse(name, text, "true or false");
    case "integer":
      return (text) => (wholeText.test(text.trim()) ? wholeNumber(text.trim()) : refuse(name, text, "a whole number"));
    case "number":
      return (text) => (isNumber(text) ? Number(text) : refuse(name, text, "a number"));
    case "time":
      return (text) => (isTime(text.trim()) ? text.trim() : refuse(name, text, "a time in ISO 8601"));
    default:
      return (text) => text;
  }
}

function kindOf(texts: readonly string[]): ColumnKind {
  if (texts.length === 0) return "text";
  if (texts.every((text) => truths.has(text))) return "boolean";
  return texts.every((text) => isNumber(text) && !isName(text.trim())) ? "number" : "text";
}

function isNumber(text: string): boolean {
  return numberText.test(text.trim()) && Number.isFinite(Number(text));
}

function isName(text: string): boolean {
  return /^[+-]?0\d/.test(text) || (wholeText.test(text) && !Number.isSafeInteger(Number(text)));
}

/** One beyond 2^53 is its decimal text. */
function wholeNumber(text: string): number | string {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : text;
}

function noKind(column: string, kind: string): TenonError {
  return new TenonError("PARAMETER_INVALID", {
    doing: `reading the column '${column}' of a CSV file as its kind says`,
    found: `there is no kind '${kind}'; there are ${kindsOfText.join(", ")}`,
    fix: suggest(kind, kindsOfText, "Choose one of them.") as string,
    details: { column },
  });
}

function refuse(column: string, text: string, expected: string): never {
  throw new TenonError("DATA_UNREADABLE", {
    doing: `reading the column '${column}' of a CSV file`,
    found: `expected ${expected}, found '${text.slice(0, 60)}'`,
    fix: "Correct the file, name the text under 'missing', or give the column another kind.",
    details: { column },
  });
}
