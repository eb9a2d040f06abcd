import type { JsonValue } from "../contracts/json.js";
import type { Plan } from "../contracts/plan.js";
import { writePlan } from "./write-plan.js";

/**
 * Reads what `writePlan` has written, hundreds of times faster than a YAML parser. It proves what it read by writing it
 * again: any other text, altered by hand or not canonical, gives undefined and is left to the YAML parser.
 */
export function readCanonical(text: string): JsonValue | undefined {
  try {
    const lines = text.split("\n");
    if (lines.pop() !== "") return undefined;
    const reader = new CanonicalReader(lines);
    const value = reader.map(0);
    return reader.ended && writePlan(value as unknown as Plan) === text ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

class CanonicalReader {
  #next = 0;

  constructor(readonly lines: string[]) {}

  get ended(): boolean {
    return this.#next === this.lines.length;
  }

  map(indent: number): { [key: string]: JsonValue } {
    const value: { [key: string]: JsonValue } = {};
    while (this.#indent() === indent && !this.#startsItem(indent)) {
      const line = this.lines[this.#next++] as string;
      const end = line[indent] === '"' ? closingQuote(line, indent) + 1 : keyEnd(line, indent);
      const key = scalar(line.slice(indent, end));
      if (typeof key !== "string" || key === "__proto__" || line[end] !== ":") throw new SyntaxError("no key");
      value[key] = end === line.length - 1 ? this.#block(indent + 2) : scalar(line.slice(end + 2));
    }
    return value;
  }

  #block(indent: number): JsonValue {
    return this.#startsItem(indent) ? this.#list(indent) : this.map(indent);
  }

  #list(indent: number): JsonValue[] {
    const items: JsonValue[] = [];
    while (this.#startsItem(indent)) {
      const line = this.lines[this.#next] as string;
      if (line.length === indent + 1) {
        this.#next += 1;
        items.push(this.#list(indent + 2));
      } else if (isEntry(line, indent + 2)) {
        // The first field of a map stands behind the dash.
        this.lines[this.#next] = " ".repeat(indent + 2) + line.slice(indent + 2);
        items.push(this.map(indent + 2));
      } else {
        this.#next += 1;
        items.push(scalar(line.slice(indent + 2)));
      }
    }
    return items;
  }

  #startsItem(indent: number): boolean {
    const line = this.lines[this.#next];
    return (
      line?.[indent] === "-" && this.#indent() === indent && (line.length === indent + 1 || line[indent + 1] === " ")
    );
  }

  #indent(): number {
    const line = this.lines[this.#next];
    if (line === undefined) return -1;
    let indent = 0;
    while (line[indent] === " ") indent += 1;
    return indent;
  }
}

function isEntry(line: string, from: number): boolean {
  if (line[from] === '"') return line[closingQuote(line, from) + 1] === ":";
  return keyEnd(line, from) >= 0;
}

/** A colon ends a key only if a space or the end of the line follows. */
function keyEnd(line: string, from: number): number {
  const inside = line.indexOf(": ", from);
  return inside >= 0 ? inside : line.endsWith(":") ? line.length - 1 : -1;
}

function closingQuote(line: string, from: number): number {
  for (let index = from + 1; index < line.length; index += 1) {
    if (line[index] === "\\") index += 1;
    else if (line[index] === '"') return index;
  }
  throw new SyntaxError("no closing quote");
}

function scalar(text: string): JsonValue {
  if (text === "-0.0") return -0;
  return /^(["[{\d-]|true$|false$|null$)/.test(text) ? (JSON.parse(text) as JsonValue) : text;
}
