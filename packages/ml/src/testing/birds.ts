import { impute, oneHot, standardise } from "../preprocessing/built-in-operations.js";
import type { Row, Rows } from "../vocabulary/row.js";

/** How the columns become numbers by which the species can be told. */
export const birdFeatures = {
  beak: [impute("mean"), standardise()],
  depth: [impute("mean"), standardise()],
  flipper: [impute("median"), standardise()],
  island: [oneHot()],
};

const species = ["Adelie", "Chinstrap", "Gentoo"] as const;
const islands = ["Biscoe", "Dream", "Torgersen"] as const;

/** Made-up penguins of three species that can nearly be told apart, with some values missing: always the same ones. */
export function birds(count = 240, seed = 1): Rows {
  const random = numbers(seed);
  const around = (middle: number, spread: number) =>
    middle + spread * (random() + random() + random() + random() - 2) * Math.sqrt(3);
  return Array.from({ length: count }, (_, index): Row => {
    const kind = Math.floor(random() * 3);
    return {
      id: index,
      island: islands[Math.floor(random() * 3)] as string,
      beak: Math.round(around([38.8, 48.8, 47.5][kind] as number, 2.6) * 10) / 10,
      depth: Math.round(around([18.3, 18.4, 15][kind] as number, 1) * 10) / 10,
      flipper: index % 31 === 0 ? null : Math.round(around([190, 196, 217][kind] as number, 6.5)),
      mass: Math.round(around([3700, 3733, 5076][kind] as number, 400)),
      species: index % 97 === 5 ? null : (species[kind] as string),
    };
  });
}

/** Numbers from 0 to 1 by mulberry32. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
