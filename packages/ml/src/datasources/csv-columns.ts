import { TenonError } from "@tenon/core";
import type { ColumnKind } from "../vocabulary/data-schema.js";
import type { Value } from "../vocabulary/row.js";

const numberText = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const wholeText = /^[+-]?\d+$/;
const truths: Readonly<Record<string, boolean>> = {
  true: true,
  false: false,
  True: true,
  False: false,
  TRUE: true,
  FALSE: false,
};

/**
 * How the texts of a column are read. Numbers with leading zeros, and whole numbers that no number holds exactly, are names rather
 * than numbers: they stay text.
 *
 * @throws `DATA_UNREADABLE` when a text is not of the kind that was said
 */
export function columnReader(
  name: string,
  texts: readonly string[],
  kind: ColumnKind | undefined,
): (text: string) => Value {
  switch (kind ?? kindOf(texts)) {
    case "boolean":
      return (text) => truths[text] ?? refuse(name, text, "true or false");
    case "integer":
      return (text) => (wholeText.test(text.trim()) ? wholeNumber(text.trim()) : refuse(name, text, "a whole number"));
    case "number":
      return (text) => (isNumber(text) ? Number(text) : refuse(name, text, "a number"));
    default:
      return (text) => text;
  }
}

function kindOf(texts: readonly string[]): ColumnKind {
  if (texts.length === 0) return "text";
  if (texts.every((text) => text in truths)) return "boolean";
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

function refuse(column: string, text: string, expected: string): never {
  throw new TenonError("DATA_UNREADABLE", {
    doing: `reading the column '${column}' of a CSV file`,
    found: `expected ${expected}, found '${text.slice(0, 60)}'`,
    fix: "Correct the file, name the text under 'missing', or give the column another kind.",
    details: { column },
  });
}
