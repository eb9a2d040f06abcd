import { className, describe, isPlainArray, isPlainObject, pathText } from "./plain-values.js";

/**
 * The format `structured/1`: `value.jsonl` has one node a line, the first being the value itself; `buffers.bin` has the bytes of
 * all binary nodes, one after the other. A node is `[tag, …]`, and what it holds are slots: a JSON scalar for itself,
 * or a list: `["u"]` undefined, `["n"]` NaN, `["+"]` and `["-"]` the infinities, `["0"]` -0, `["b", "12"]` a bigint,
 * `["h"]` a hole, `["r", 0]` the node of the second line, and so on. Nothing in it names code.
 */
export type Slot =
  | string
  | number
  | boolean
  | null
  | readonly ["u" | "n" | "+" | "-" | "0" | "h"]
  | readonly ["b", string]
  | readonly ["r", number];
export type Node = readonly [tag: string, ...content: Slot[]];

/** Says where a value is not plain data, and why. */
export class NotStructured extends Error {
  readonly path: string;
  readonly found: string;

  constructor(path: string, found: string) {
    super(`${path} is ${found}`);
    this.path = path;
    this.found = found;
  }
}

export const viewClasses = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
} as const;

/** A value's nodes in the order of discovery, and the bytes of its buffers; it does not recurse. */
export class StructuredEncoder {
  /** Bytes of the binary nodes met so far, in order. */
  readonly buffers: Uint8Array[] = [];
  #offset = 0;
  readonly #numbers = new Map<object, number>();
  readonly #queue: object[] = [];
  /** For each node, where it was met first: the node that holds it, and under which key. */
  readonly #met: { readonly holder: number; readonly key: string | number }[] = [];

  /** @throws `NotStructured` */
  *nodes(value: unknown): Generator<Node, void> {
    yield ["v", this.#slot(value, -1, "")];
    for (let number = 0; number < this.#queue.length; number += 1) {
      yield this.#node(this.#queue[number] as object, number);
    }
  }

  #slot(value: unknown, holder: number, key: string | number): Slot {
    switch (typeof value) {
      case "string":
      case "boolean":
        return value;
      case "number":
        if (Number.isFinite(value)) return Object.is(value, -0) ? ["0"] : value;
        return [Number.isNaN(value) ? "n" : value > 0 ? "+" : "-"];
      case "undefined":
        return ["u"];
      case "bigint":
        return ["b", value.toString()];
      case "object":
        return value === null ? null : ["r", this.#number(value, holder, key)];
    }
    throw new NotStructured(this.#path(holder, key), describe(value));
  }

  #number(value: object, holder: number, key: string | number): number {
    const known = this.#numbers.get(value);
    if (known !== undefined) return known;
    const number = this.#queue.push(value) - 1;
    this.#numbers.set(value, number);
    this.#met.push({ holder, key });
    return number;
  }

  #node(value: object, number: number): Node {
    if (Array.isArray(value)) return this.#array(value, number);
    if (ArrayBuffer.isView(value)) return this.#view(value, number);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === null) return this.#object("z", value, number);
    if (isPlainObject(value)) return this.#object("o", value, number);
    switch (className(value)) {
      case "Date":
        if (isExactly(value, Date)) return ["d", this.#slot(value.getTime(), number, "time")];
        break;
      case "RegExp":
        if (isExactly(value, RegExp)) return ["x", value.source, value.flags];
        break;
      case "Map":
        if (isExactly(value, Map)) return this.#map(value, number);
        break;
      case "Set":
        if (isExactly(value, Set)) return this.#set(value, number);
        break;
      case "ArrayBuffer":
        if (isExactly(value, ArrayBuffer)) return ["t", "ArrayBuffer", ...this.#bytes(new Uint8Array(value))];
    }
    throw new NotStructured(this.#pathOf(number), describe(value));
  }

  #object(tag: string, value: object, number: number): Node {
    this.#refuseSymbols(value, number);
    const node: [string, ...Slot[]] = [tag];
    for (const key of Object.keys(value).sort()) {
      node.push(key, this.#slot((value as Record<string, unknown>)[key], number, key));
    }
    return node;
  }

  #array(value: readonly unknown[], number: number): Node {
    if (!isPlainArray(value)) throw new NotStructured(this.#pathOf(number), describe(value));
    this.#refuseSymbols(value, number);
    const keys = Object.keys(value);
    if (keys.length === value.length && (keys.length === 0 || keys.at(-1) === String(value.length - 1))) {
      const node: [string, ...Slot[]] = ["a"];
      for (let index = 0; index < value.length; index += 1) node.push(this.#slot(value[index], number, index));
      return node;
    }
    const node: [string, ...Slot[]] = ["s", value.length];
    for (const key of keys) node.push(key, this.#slot((value as unknown as Record<string, unknown>)[key], number, key));
    return node;
  }

  #map(value: ReadonlyMap<unknown, unknown>, number: number): Node {
    const node: [string, ...Slot[]] = ["m"];
    let index = 0;
    for (const [key, held] of value) {
      node.push(this.#slot(key, number, `key ${index}`), this.#slot(held, number, `value ${index}`));
      index += 1;
    }
    return node;
  }

  #set(value: ReadonlySet<unknown>, number: number): Node {
    const node: [string, ...Slot[]] = ["e"];
    let index = 0;
    for (const held of value) node.push(this.#slot(held, number, `element ${index++}`));
    return node;
  }

  /** A view is stored as its own bytes: what else lies in its buffer is not part of the value. */
  #view(value: ArrayBufferView, number: number): Node {
    const name = Buffer.isBuffer(value) ? "Buffer" : className(value);
    const known = name === "Buffer" ? Buffer : viewClasses[name as keyof typeof viewClasses];
    if (!known || Object.getPrototypeOf(value) !== known.prototype) {
      throw new NotStructured(this.#pathOf(number), describe(value));
    }
    return ["t", name, ...this.#bytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))];
  }

  #bytes(bytes: Uint8Array): [offset: number, length: number] {
    const offset = this.#offset;
    this.buffers.push(bytes);
    this.#offset += bytes.length;
    return [offset, bytes.length];
  }

  #refuseSymbols(value: object, number: number): void {
    if (Object.getOwnPropertySymbols(value).length === 0) return;
    throw new NotStructured(this.#pathOf(number), "an object with a symbol among its keys");
  }

  #pathOf(number: number): string {
    const met = this.#met[number];
    return met ? this.#path(met.holder, met.key) : "$";
  }

  #path(holder: number, key: string | number): string {
    const parts: (string | number)[] = [];
    for (let at: { holder: number; key: string | number } | undefined = { holder, key }; at && at.holder >= 0; ) {
      parts.unshift(at.key);
      at = this.#met[at.holder];
    }
    return pathText(parts);
  }
}

/** What keeps a value from being plain data that `structured` holds: `$.model is an instance of Forest`. */
export function notStructured(value: unknown): NotStructured | undefined {
  try {
    for (const _ of new StructuredEncoder().nodes(value)) {
      // Walking it is the test.
    }
    return undefined;
  } catch (error) {
    if (error instanceof NotStructured) return error;
    throw error;
  }
}

function isExactly<T extends object>(value: object, known: new (...args: never[]) => T): value is T {
  return Object.getPrototypeOf(value) === known.prototype;
}
