// A project's module, copied into it by the tests of code that travels.
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { each, map, pipeline, step } from "@tenon/core";
import { scale } from "./src/scale.mjs";

export const load = step({
  name: "load",
  run: () => JSON.parse(readFileSync(new URL("data/numbers.json", import.meta.url), "utf8")),
});
export const half = step({ name: "half", run: ({ value }) => value / 2 });
export const sum = step({
  name: "sum",
  run: ({ values, halves }) => ({ total: scale([...values, ...halves].reduce((all, one) => all + one, 0)) }),
});
export const totals = pipeline("totals", () => {
  const values = load({});
  return { total: sum({ values, halves: map(half, { value: each(values) }) }) };
});

/** Says where it runs, and goes on once its gate is open. */
export const gated = step({
  name: "gated",
  cache: false,
  env: ["GATE"],
  run: async ({ total }) => {
    appendFileSync(`${process.env.GATE}.begun`, `${process.cwd()} ${process.env.SLURM_JOB_ID}\n`);
    while (!existsSync(`${process.env.GATE}.open`)) await setTimeout(50);
    return total;
  },
});
export const waiting = pipeline("waiting", () => ({ total: sum({ values: load({}), halves: [gated({ total: 1 })] }) }));
