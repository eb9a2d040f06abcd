import { readFile } from "node:fs/promises";
import { step } from "@tenon/core";
import { z } from "zod";
import {
  birds,
  type Example,
  examples,
  features,
  measurements,
  observations,
  scaling,
  species,
  standardised,
} from "./table.js";

/** The Palmer penguins: 344 birds of three species, from the npm package vega-datasets. */
export const load = step({
  name: "load",
  output: birds, // every row is checked before it is stored: a wrong one fails the step, and says which
  async run(_inputs, { metadata, log }) {
    // The package exports no data files, so the path starts from the module that it does export.
    const file = new URL("../data/penguins.json", import.meta.resolve("vega-datasets"));
    const rows = observations.parse(JSON.parse(await readFile(file, "utf8")));
    log.info(`${rows.length} penguins`);
    metadata({ output: { rows: rows.length } });
    return rows;
  },
});

/** Drops birds that were not measured in full. */
export const clean = step({
  name: "clean",
  inputs: { penguins: birds },
  output: examples,
  run({ penguins }, { metadata }) {
    const rows = penguins.flatMap((row) => {
      const x = measurements(row);
      return x ? [{ x, y: species.indexOf(row.Species) }] : [];
    });
    metadata({ output: { rows: rows.length, dropped: penguins.length - rows.length } });
    return rows;
  },
});

/** Holds rows back for the evaluation, the same share of each species. Equal seeds give equal parts. */
export const split = step({
  name: "split",
  params: z.object({ testRatio: z.number().gt(0).lt(1).default(0.2), seed: z.int().default(1) }),
  inputs: { rows: examples },
  outputs: { train: examples, test: examples },
  run({ rows }, { params, metadata }) {
    const random = generator(params.seed);
    const train: Example[] = [];
    const test: Example[] = [];
    for (const index of species.keys()) {
      const group = shuffled(
        rows.filter((row) => row.y === index),
        random,
      );
      const held = Math.round(group.length * params.testRatio);
      test.push(...group.slice(0, held));
      train.push(...group.slice(held));
    }
    metadata({ train: { rows: train.length }, test: { rows: test.length } });
    return { train, test };
  },
});

/** Gives every feature mean 0 and deviation 1. What it learns, it learns from the training rows only. */
export const standardise = step({
  name: "standardise",
  inputs: { train: examples, test: examples },
  outputs: { train: examples, test: examples, scale: scaling },
  run({ train, test }) {
    const columns = features.map((_, column) => train.map((row) => row.x[column] as number));
    const mean = columns.map(average);
    const deviation = columns.map((values, column) =>
      Math.sqrt(average(values.map((value) => (value - (mean[column] as number)) ** 2))),
    );
    const scale = { mean, deviation };
    const scaled = ({ x, y }: Example): Example => ({ x: standardised(x, scale), y });
    return { train: train.map(scaled), test: test.map(scaled), scale };
  },
});

const average = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Mulberry32: small, seeded, and good enough to shuffle a table. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function shuffled<T>(values: readonly T[], random: () => number): T[] {
  const result = [...values];
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [result[last], result[other]] = [result[other] as T, result[last] as T];
  }
  return result;
}
