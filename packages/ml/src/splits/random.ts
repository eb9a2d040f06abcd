import { createHash } from "node:crypto";

/**
 * Numbers from 0 up to, but without, 1: equal seeds give equal sequences, on every machine.
 *
 * The generator is sfc32 of PractRand, 128 bits of state, begun with the SHA-256 of the seed.
 *
 * @see https://pracrand.sourceforge.net (Chris Doty-Humphrey; public domain)
 */
export function randomNumbers(seed: number | string): () => number {
  const digest = createHash("sha256").update(String(seed)).digest();
  let [a, b, c, counter] = [0, 4, 8, 12].map((place) => digest.readUInt32LE(place)) as [number, number, number, number];
  return () => {
    const result = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + result;
    return (result >>> 0) / 2 ** 32;
  };
}

/** The same values in an order of chance, each as likely as any other (Fisher and Yates). */
export function shuffled<T>(values: readonly T[], random: () => number): T[] {
  const result = [...values];
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [result[last], result[other]] = [result[other] as T, result[last] as T];
  }
  return result;
}

/** A number from 0 up to, but without, 1 that depends on the text alone. */
export function hashShare(text: string): number {
  return createHash("sha256").update(text).digest().readUIntBE(0, 6) / 2 ** 48;
}
