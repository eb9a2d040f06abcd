import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { test } from "vitest";
import { builtInSource } from "../artifacts/built-in-source.js";
import { MaterializerHarness } from "../testing/materializer-harness.js";
import { builtInForValue } from "./built-in.js";

/** Numbers that are the same on every run: a failure can be looked at again by its seed. */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return (state >>> 0) % below;
  };
}

const strings = [
  "",
  "a",
  "__proto__",
  "constructor",
  "0",
  "-1",
  "length",
  "ü",
  "🐧",
  "\ud83d",
  "\u2028\n\u0000",
  'q"\\',
];
const numbers = [0, 1, -1, 0.1, 1e21, 5e-324, 2 ** 53, -1.7976931348623157e308, 4294967295];

function plain(next: (below: number) => number, depth: number): unknown {
  switch (next(depth > 0 ? 6 : 4)) {
    case 0:
      return null;
    case 1:
      return next(2) === 0;
    case 2:
      return numbers[next(numbers.length)];
    case 3:
      return strings[next(strings.length)];
    case 4:
      return Array.from({ length: next(5) }, () => plain(next, depth - 1));
    default:
      return object(next, () => plain(next, depth - 1));
  }
}

function object(next: (below: number) => number, value: () => unknown): object {
  // JSON.parse, as assignment would lose the key __proto__.
  const made = JSON.parse("{}") as object;
  for (let count = next(5); count > 0; count -= 1) {
    const key = strings[next(strings.length)] ?? "";
    Object.defineProperty(made, key, { value: value(), enumerable: true, configurable: true, writable: true });
  }
  return made;
}

function rich(next: (below: number) => number, depth: number, made: object[]): unknown {
  const inner = () => rich(next, depth - 1, made);
  const keep = <T extends object>(value: T): T => {
    made.push(value);
    return value;
  };
  switch (next(depth > 0 ? 15 : 9)) {
    case 0:
      return undefined;
    case 1:
      return [Number.NaN, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY][next(4)];
    case 2:
      return BigInt(next(1 << 30)) ** BigInt(next(5)) * (next(2) === 0 ? 1n : -1n);
    case 3:
      return keep(new Date(next(1 << 30) * 1000));
    case 4:
      return keep(new Float64Array([next(10) / 3, -0]));
    case 5:
      return keep(new Uint16Array(next(4)).fill(next(65536)).buffer);
    case 6:
      return keep(/a\/[b"]/giu);
    case 7:
      return made.length > 0 ? made[next(made.length)] : null;
    case 8:
      return plain(next, 0);
    case 9:
      return keep(new Map(Array.from({ length: next(4) }, () => [inner(), inner()])));
    case 10:
      return keep(new Set(Array.from({ length: next(4) }, inner)));
    case 11: {
      const array = keep(new Array<unknown>(next(6)));
      if (array.length > 0) array[next(array.length)] = inner();
      return array;
    }
    case 12: {
      const cycle = keep({ inner: inner() } as Record<string, unknown>);
      cycle.self = cycle;
      return cycle;
    }
    case 13:
      return keep(Object.assign(Object.create(null) as object, { a: inner() }));
    default:
      return keep(object(next, inner));
  }
}

/** The same value with the keys of all plain objects in reverse. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  const made = {};
  for (const [key, held] of Object.entries(value).reverse()) {
    Object.defineProperty(made, key, { value: reversed(held), enumerable: true, configurable: true, writable: true });
  }
  return made;
}

test("any plain value comes back through json and structured, with bytes that do not depend on the order of keys", async () => {
  for (const type of ["json", "structured"]) {
    const { materializer } = await builtInSource().forType(type);
    const harness = new MaterializerHarness(materializer);
    for (let seed = 1; seed <= 400; seed += 1) {
      const value = plain(numbersFrom(seed), 5);
      const saved = await harness.save(value);
      assert.deepStrictEqual(await harness.elsewhere().vault.load(saved), value, `${type}, seed ${seed}`);
      assert.equal((await harness.save(reversed(value))).digest, saved.digest, `${type}, seed ${seed}`);
    }
  }
});

test("any structured value comes back, cycles and shared references included, with the same bytes each time", async () => {
  const { materializer } = await builtInSource().forType("structured");
  const harness = new MaterializerHarness(materializer);
  for (let seed = 1; seed <= 600; seed += 1) {
    const value = rich(numbersFrom(seed), 5, []);
    const saved = await harness.save(value);
    const loaded = await harness.elsewhere().vault.load(saved);
    assert.ok(isDeepStrictEqual(loaded, value), `seed ${seed}`);
    assert.equal((await harness.save(loaded)).digest, saved.digest, `seed ${seed}: the graph has another shape`);
    assert.equal((await harness.save(rich(numbersFrom(seed), 5, []))).digest, saved.digest, `seed ${seed}`);
    assert.ok(builtInForValue(value), `seed ${seed}`);
  }
});
