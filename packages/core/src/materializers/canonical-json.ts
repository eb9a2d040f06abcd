import { arrayFault, describe, isPlainObject, pathText } from "./plain-values.js";

const pieceCharacters = 1 << 18;

interface Frame {
  readonly container: Record<string, unknown> | readonly unknown[];
  /** Undefined for an array. */
  readonly keys: readonly string[] | undefined;
  readonly length: number;
  index: number;
}

/** Says where a value is not JSON, and why. */
export class NotJson extends Error {
  readonly path: string;
  readonly found: string;

  constructor(path: string, found: string) {
    super(`${path} is ${found}`);
    this.path = path;
    this.found = found;
  }
}

/**
 * The canonical JSON text of a value, in pieces: no white space, keys in the order of RFC 8785. Equal values have equal
 * texts. Refuses whatever would not come back as it was. It does not recurse, so that depth is no limit. An object that
 * is met in two places is written twice; with `shared: false` it is refused.
 *
 * @throws `NotJson`
 */
export function* canonicalJson(value: unknown, { shared = true } = {}): Generator<string, void> {
  const stack: Frame[] = [];
  const met = new Set<object>();
  let text = "";
  let current = value;
  for (;;) {
    if (current === null || typeof current !== "object") {
      text += scalar(current, stack);
    } else {
      const frame = open(current, stack, met);
      text += frame.keys ? "{" : "[";
      stack.push(frame);
    }
    if (text.length >= pieceCharacters) {
      yield text;
      text = "";
    }
    let frame = stack.at(-1);
    while (frame && frame.index === frame.length) {
      text += frame.keys ? "}" : "]";
      if (shared) met.delete(frame.container);
      stack.pop();
      frame = stack.at(-1);
    }
    if (!frame) break;
    if (frame.index > 0) text += ",";
    if (frame.keys) {
      const key = frame.keys[frame.index] as string;
      text += `${JSON.stringify(key)}:`;
      current = (frame.container as Record<string, unknown>)[key];
    } else {
      current = (frame.container as readonly unknown[])[frame.index];
    }
    frame.index += 1;
  }
  yield text;
}

/** The canonical text as one string; for values that are known to be small. */
export function canonicalJsonText(value: unknown): string {
  let text = "";
  for (const piece of canonicalJson(value)) text += piece;
  return text;
}

function scalar(value: unknown, stack: readonly Frame[]): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "number":
      if (!Number.isFinite(value) || Object.is(value, -0)) break;
      return String(value);
    case "boolean":
      return value ? "true" : "false";
    case "object":
      return "null";
  }
  throw new NotJson(pathText(place(stack)), describe(value));
}

function open(value: object, stack: readonly Frame[], met: Set<object>): Frame {
  if (met.has(value)) throw new NotJson(pathText(place(stack)), "an object that contains it, or was met before");
  met.add(value);
  if (Array.isArray(value)) {
    const fault = arrayFault(value);
    if (fault) throw new NotJson(pathText(place(stack)), fault);
    return { container: value, keys: undefined, length: value.length, index: 0 };
  }
  if (!isPlainObject(value)) throw new NotJson(pathText(place(stack)), describe(value));
  if (Object.getOwnPropertySymbols(value).length > 0) {
    throw new NotJson(pathText(place(stack)), "an object with a symbol among its keys");
  }
  const keys = Object.keys(value).sort();
  return { container: value as Record<string, unknown>, keys, length: keys.length, index: 0 };
}

function place(stack: readonly Frame[]): (string | number)[] {
  return stack.map(({ keys, index }) => (keys ? (keys[index - 1] as string) : index - 1));
}
