import { AsyncLocalStorage } from "node:async_hooks";

/** Numbers from 0 up to, but without, 1. */
export type Random = () => number;

const own = new AsyncLocalStorage<Random>();
let users = 0;
let original: Random = Math.random;

/**
 * Runs work in which `Math.random`, from which TensorFlow.js takes every seed that it is not given, counts from a seed.
 * Only in this work and what it awaits: whatever else the process does meanwhile has the usual random numbers.
 */
export async function seeded<T>(seed: string, work: () => T | Promise<T>): Promise<T> {
  if (users++ === 0) {
    original = Math.random;
    Math.random = () => (own.getStore() ?? original)();
  }
  try {
    return await own.run(randomOf(seed), async () => await work());
  } finally {
    if (--users === 0) Math.random = original;
  }
}

/** Mulberry32, from a 32-bit FNV-1a digest of the seed. */
export function randomOf(seed: string): Random {
  let state = 0x811c9dc5;
  for (const byte of Buffer.from(seed)) state = Math.imul(state ^ byte, 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The numbers from 0 to `length` in an order that the seed decides. */
export function shuffledOrder(length: number, seed: string): Uint32Array {
  const random = randomOf(seed);
  const order = Uint32Array.from({ length }, (_, place) => place);
  for (let last = length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other] as number, order[last] as number];
  }
  return order;
}
