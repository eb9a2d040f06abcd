import type { Plan } from "../contracts/plan.js";

/**
 * The canonical text of a plan: YAML in block style, keys in the order of their code units, two spaces of indent, a
 * line feed after each line, texts plain only where no reader could take them for anything else.
 */
export function writePlan(plan: Plan): string {
  const lines: string[] = [];
  writeMap(plan as unknown as Record<string, unknown>, "", lines);
  return `${lines.join("\n")}\n`;
}

function writeMap(value: Record<string, unknown>, indent: string, lines: string[], first = indent): void {
  // The settings of many calls are one object.
  const known = first === indent ? written.get(value)?.get(indent) : undefined;
  if (known) {
    lines.push(known);
    return;
  }
  const from = lines.length;
  let lead = first;
  for (const key of Object.keys(value).sort()) {
    const field = value[key];
    if (field === undefined) continue;
    writeField(`${lead}${scalar(key)}:`, field, indent, lines);
    lead = indent;
  }
  if (first === indent && Object.isFrozen(value)) {
    const texts = written.get(value) ?? new Map<string, string>();
    written.set(value, texts.set(indent, lines.slice(from).join("\n")));
  }
}

const written = new WeakMap<object, Map<string, string>>();

function writeField(lead: string, value: unknown, indent: string, lines: string[]): void {
  if (Array.isArray(value)) {
    if (value.length === 0) lines.push(`${lead} []`);
    else {
      lines.push(lead);
      for (const item of value) writeItem(item, `${indent}  `, lines);
    }
  } else if (typeof value === "object" && value !== null) {
    if (isEmpty(value)) lines.push(`${lead} {}`);
    else {
      lines.push(lead);
      writeMap(value as Record<string, unknown>, `${indent}  `, lines);
    }
  } else lines.push(`${lead} ${scalar(value)}`);
}

function writeItem(item: unknown, indent: string, lines: string[]): void {
  if (Array.isArray(item) && item.length > 0) {
    lines.push(`${indent}-`);
    for (const inner of item) writeItem(inner, `${indent}  `, lines);
  } else if (typeof item === "object" && item !== null && !Array.isArray(item) && !isEmpty(item)) {
    writeMap(item as Record<string, unknown>, `${indent}  `, lines, `${indent}- `);
  } else lines.push(`${indent}- ${Array.isArray(item) ? "[]" : isObject(item) ? "{}" : scalar(item)}`);
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

function isEmpty(value: object): boolean {
  return Object.values(value).every((field) => field === undefined);
}

const plain = /^[A-Za-z_][A-Za-z0-9_./@+-]*(:[A-Za-z0-9_./@+-]+)*$/;
const reserved = /^(y|n|yes|no|on|off|true|false|null)$/i;

const seen = new Map<string, string>();

function scalar(value: unknown): string {
  if (typeof value !== "string") return Object.is(value, -0) ? "-0.0" : JSON.stringify(value);
  const known = seen.get(value);
  if (known !== undefined) return known;
  const text = quoted(value);
  if (value.length <= 40 && seen.size < 10_000) seen.set(value, text);
  return text;
}

function quoted(value: string): string {
  if (plain.test(value) && !reserved.test(value)) return value;
  // JSON leaves a few characters as they are that YAML forbids or folds.
  return JSON.stringify(value).replace(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
