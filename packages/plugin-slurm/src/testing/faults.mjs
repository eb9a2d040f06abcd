// A project's module, copied into it by the tests of faults.
import { appendFileSync, existsSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { pipeline, step } from "@tenon/core";

/** Says that it has begun, and where, and goes on once its gate is open. */
export const gated = step({
  name: "gated",
  cache: false,
  run: async ({ name }) => {
    appendFileSync(`${name}.begun`, `${process.env.SLURM_JOB_ID} ${process.env.SLURMD_NODENAME} ${process.pid}\n`);
    while (!existsSync(`${name}.open`)) await setTimeout(50);
    return { name, list: [1, 2, 3] };
  },
});
/** Never ends by itself. */
export const endless = step({
  name: "endless",
  cache: false,
  resources: { time: "1m" },
  run: async (_, { signal }) => setTimeout(1e9, undefined, { signal }),
});
export const greeting = step({ name: "greeting", cache: false, run: ({ x }) => `hello ${x.name}` });
export const one = step({ name: "one", cache: false, run: ({ index }) => index });
export const sum = step({ name: "sum", cache: false, run: ({ xs }) => xs.reduce((total, x) => total + x, 0) });

export const through = (name) => pipeline(name, () => ({ end: greeting({ x: gated({ name }) }) }));
export const detached = through("detached");
export const forever = pipeline("forever", () => ({ end: endless({}) }));
export const many = (count) =>
  pipeline("many", () => ({ total: sum({ xs: Array.from({ length: count }, (_, index) => one({ index })) }) }));
