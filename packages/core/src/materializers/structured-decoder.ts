import { TenonError } from "../errors.js";
import { viewClasses } from "./structured-nodes.js";

type Content = readonly unknown[];
type ViewClass = { new (buffer: ArrayBufferLike): ArrayBufferView; readonly BYTES_PER_ELEMENT?: number };

/** Makes the value of the format `structured/1`. It makes the containers first and fills them then, so that cycles close. */
export function decodeNodes(lines: readonly unknown[], buffers: Uint8Array): unknown {
  const [first, ...nodes] = lines.map(content);
  if (first?.[0] !== "v" || first.length !== 2) throw broken("its first line is not the value's");
  const made = nodes.map((node) => make(node, buffers));
  const slot = (value: unknown): unknown => (Array.isArray(value) ? special(value, made) : value);
  nodes.forEach((node, index) => {
    fill(made[index] as object, node, slot);
  });
  return slot(first[1]);
}

function content(line: unknown): Content {
  if (!Array.isArray(line) || typeof line[0] !== "string") throw broken("one of its lines is not a node");
  return line;
}

function make(node: Content, buffers: Uint8Array): object {
  switch (node[0]) {
    case "o":
      return {};
    case "z":
      return Object.create(null) as object;
    case "a":
      return new Array(node.length - 1);
    case "s":
      return new Array(wholeNumber(node[1]));
    case "m":
      return new Map();
    case "e":
      return new Set();
    case "d":
      return new Date(typeof node[1] === "number" ? node[1] : Number.NaN);
    case "x":
      return regularExpression(node[1], node[2]);
    case "t":
      return binary(node[1], wholeNumber(node[2]), wholeNumber(node[3]), buffers);
  }
  throw broken(`it has a node of the unknown kind ${JSON.stringify(node[0])}`);
}

function fill(target: object, node: Content, slot: (value: unknown) => unknown): void {
  switch (node[0]) {
    case "o":
    case "z":
      for (let index = 1; index < node.length; index += 2) define(target, node[index], slot(node[index + 1]));
      return;
    case "s":
      for (let index = 2; index < node.length; index += 2) define(target, node[index], slot(node[index + 1]));
      return;
    case "a":
      for (let index = 1; index < node.length; index += 1) (target as unknown[])[index - 1] = slot(node[index]);
      return;
    case "m":
      for (let index = 1; index < node.length; index += 2) {
        (target as Map<unknown, unknown>).set(slot(node[index]), slot(node[index + 1]));
      }
      return;
    case "e":
      for (let index = 1; index < node.length; index += 1) (target as Set<unknown>).add(slot(node[index]));
  }
}

/** Assignment would call the setter of `__proto__`. */
function define(target: object, key: unknown, value: unknown): void {
  if (typeof key !== "string") throw broken("a key is not a string");
  if (key !== "__proto__") (target as Record<string, unknown>)[key] = value;
  else Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

function special(slot: Content, made: readonly object[]): unknown {
  switch (slot[0]) {
    case "u":
      return undefined;
    case "n":
      return Number.NaN;
    case "+":
      return Number.POSITIVE_INFINITY;
    case "-":
      return Number.NEGATIVE_INFINITY;
    case "0":
      return -0;
    case "b":
      if (typeof slot[1] === "string" && /^-?\d+$/.test(slot[1])) return BigInt(slot[1]);
      break;
    case "r": {
      const found = made[wholeNumber(slot[1])];
      if (found) return found;
    }
  }
  throw broken(`it has the unknown slot ${JSON.stringify(slot).slice(0, 80)}`);
}

function regularExpression(source: unknown, flags: unknown): RegExp {
  try {
    return new RegExp(String(source), String(flags));
  } catch (cause) {
    throw broken("it has a regular expression that is none", cause);
  }
}

function binary(name: unknown, offset: number, length: number, buffers: Uint8Array): object {
  if (offset + length > buffers.length) throw broken("a buffer lies beyond the end of its file");
  // A copy of its own, so that it starts where every element type may.
  const bytes = new Uint8Array(buffers.subarray(offset, offset + length));
  if (name === "ArrayBuffer") return bytes.buffer;
  if (name === "Buffer") return Buffer.from(bytes.buffer);
  if (typeof name !== "string" || !Object.hasOwn(viewClasses, name)) throw broken("it has a view of an unknown kind");
  const View = viewClasses[name as keyof typeof viewClasses] as ViewClass;
  if (length % (View.BYTES_PER_ELEMENT ?? 1) !== 0) throw broken("a view ends within an element");
  return new View(bytes.buffer);
}

function wholeNumber(value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw broken("a number is not a whole one");
}

function broken(found: string, cause?: unknown): TenonError {
  return new TenonError("ARTIFACT_CORRUPT", { doing: "reading structured data", found, cause });
}
