import type { DifferingByte } from "./differing-byte.js";

export interface JsonDifference {
  /** `$.rows[3].weight`. */
  readonly path: string;
  /** The value's text, shortened; absent where there is none. */
  readonly left?: string;
  readonly right?: string;
}

/** The first difference of two parsed values, in the order of the left one's keys; `undefined` if they are equal. */
export function jsonDifference(left: unknown, right: unknown, path = "$"): JsonDifference | undefined {
  if (Object.is(left, right)) return undefined;
  if (!isContainer(left) || !isContainer(right) || Array.isArray(left) !== Array.isArray(right)) {
    return at(path, left, right);
  }
  const keys = Array.isArray(left)
    ? Array.from({ length: Math.max(left.length, (right as unknown[]).length) }, (_, index) => String(index))
    : [...new Set([...Object.keys(left), ...Object.keys(right)])];
  for (const key of keys) {
    const [one, other] = [own(left, key), own(right, key)];
    const below = `${path}${Array.isArray(left) ? `[${key}]` : property(key)}`;
    if (one === undefined || other === undefined) return at(below, one, other);
    const found = jsonDifference(one, other, below);
    if (found) return found;
  }
  return undefined;
}

type Container = Readonly<Record<string, unknown>> | readonly unknown[];

function isContainer(value: unknown): value is Container {
  return typeof value === "object" && value !== null;
}

function own(value: Container, key: string): unknown {
  return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}

function at(path: string, left: unknown, right: unknown): JsonDifference {
  return {
    path,
    ...(left !== undefined && { left: shortened(JSON.stringify(left)) }),
    ...(right !== undefined && { right: shortened(JSON.stringify(right)) }),
  };
}

function property(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function shortened(text: string, limit = 120): string {
  const characters = [...text];
  return characters.length > limit ? `${characters.slice(0, limit).join("")}…` : text;
}

interface Frame {
  readonly isArray: boolean;
  key: string | undefined;
  index: number;
  expectsKey: boolean;
}

const keyLimit = 1024;

/** Follows JSON text as it goes by, and knows at its end which value it is in, without holding more than the path. */
export class JsonPosition {
  readonly #lines: boolean;
  readonly #frames: Frame[] = [];
  #inString = false;
  #escaped = false;
  /** The text of the key or plain value that has begun. */
  #begun: number[] = [];
  #document = 1;
  /** False once the text has turned out not to be JSON. */
  isSound = true;

  /** @param lines every line is a document of its own */
  constructor(lines: boolean) {
    this.#lines = lines;
  }

  feed(bytes: Uint8Array): void {
    for (const byte of bytes) this.#read(byte);
  }

  difference(found: DifferingByte): JsonDifference & { readonly document: number } {
    const texts = [this.#textWith(found.left), this.#textWith(found.right)];
    if (texts[0] === texts[1] && texts[0] !== undefined) return this.#differenceAfterValue(found);
    const top = this.#frames.at(-1);
    const isKey = top !== undefined && !top.isArray && top.expectsKey;
    return { path: this.#path(isKey), ...sides(texts), document: this.#document };
  }

  /** One list or object ends where the other one goes on. */
  #differenceAfterValue({ left, right }: DifferingByte): JsonDifference & { readonly document: number } {
    const top = this.#frames.at(-1);
    if (top) top.index++;
    const path = this.#path(top !== undefined && !top.isArray);
    const texts = [left, right].map((after) => {
      const next = /^\s*,(.*)$/s.exec(Buffer.from(after).toString("utf8"))?.[1];
      return next === undefined ? undefined : firstToken(next);
    });
    return { path, ...sides(texts), document: this.#document };
  }

  #path(isKey: boolean): string {
    const steps = this.#frames.map((frame, depth) => {
      if (frame.isArray) return `[${frame.index}]`;
      return frame.key === undefined || (isKey && depth === this.#frames.length - 1) ? "" : property(frame.key);
    });
    return `$${steps.join("")}`;
  }

  #read(byte: number): void {
    if (this.#inString) {
      this.#readInString(byte);
      return;
    }
    const top = this.#frames.at(-1);
    switch (byte) {
      case 0x22: // "
        this.#inString = true;
        this.#begun = [byte];
        return;
      case 0x7b: // {
      case 0x5b: // [
        this.#frames.push({ isArray: byte === 0x5b, key: undefined, index: 0, expectsKey: byte === 0x7b });
        this.#begun = [];
        return;
      case 0x7d: // }
      case 0x5d: // ]
        if (this.#frames.pop()?.isArray !== (byte === 0x5d)) this.isSound = false;
        this.#begun = [];
        return;
      case 0x2c: // ,
        if (!top) this.isSound = false;
        else if (top.isArray) top.index++;
        else top.expectsKey = true;
        this.#begun = [];
        return;
      case 0x3a: // :
        if (top) top.expectsKey = false;
        this.#begun = [];
        return;
      case 0x0a: // line feed
        if (this.#lines && !top) this.#document++;
        this.#begun = [];
        return;
      default:
        if (byte > 0x20 && this.#begun.length < keyLimit) this.#begun.push(byte);
    }
  }

  #readInString(byte: number): void {
    if (this.#begun.length < keyLimit) this.#begun.push(byte);
    if (this.#escaped) this.#escaped = false;
    else if (byte === 0x5c) this.#escaped = true;
    else if (byte === 0x22) {
      this.#inString = false;
      const top = this.#frames.at(-1);
      if (top?.expectsKey) top.key = this.#key();
    }
  }

  #key(): string {
    const text = Buffer.from(this.#begun).toString("utf8");
    try {
      return String(JSON.parse(text));
    } catch {
      return `${text.slice(1)}…`;
    }
  }

  /** The key or value that has begun, read on to its end; `undefined` if what contains it ends here. */
  #textWith(after: Uint8Array): string | undefined {
    return firstToken(Buffer.concat([Buffer.from(this.#begun), after]).toString("utf8"));
  }
}

/** The plain value that a text begins with, the line if it begins with another one, or `undefined` if none begins. */
function firstToken(text: string): string | undefined {
  const trimmed = text.trimStart();
  const plain = /^(?:"(?:[^"\\]|\\.)*"|[^\s,\]}[{"]+)/s.exec(trimmed)?.[0];
  if (plain !== undefined) return shortened(plain);
  return trimmed === "" || /^[\]},]/.test(trimmed) ? undefined : shortened(trimmed.split("\n")[0] ?? "");
}

function sides([left, right]: readonly (string | undefined)[]): { left?: string; right?: string } {
  return { ...(left !== undefined && { left }), ...(right !== undefined && { right }) };
}
