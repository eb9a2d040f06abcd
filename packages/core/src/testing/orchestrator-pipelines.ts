import { existsSync } from "node:fs";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { json } from "../materializers/types.js";
import type { StepRunContext } from "../pipeline/context.js";
import { map } from "../pipeline/map.js";
import { pipeline } from "../pipeline/pipeline.js";
import { step } from "../pipeline/step.js";
import { each } from "../pipeline/wire.js";

// Steps at the top level of a module, so that other processes find them again. What they share is a directory.

interface Place {
  readonly directory: string;
}

/** Leaves a mark of its own for each time it is called, and says how many there are. */
async function mark({ directory }: Place, name: string): Promise<number> {
  await mkdir(join(directory, name), { recursive: true });
  await writeFile(join(directory, name, `${process.pid}-${Math.random()}`), "");
  return (await readdir(join(directory, name))).length;
}

export const begin = step("begin", async ({ directory }: Place) => {
  await mark({ directory }, "begin");
  return 0;
});
export const add = step("add", ({ x }: { x: number }) => x + 1);
export const total = step("total", ({ xs }: { xs: readonly number[] }) => xs.reduce((sum, x) => sum + x, 0));
export const count = step("count", ({ length }: { length: number }) => Array.from({ length }, (_, index) => index));
export const double = step("double", ({ x }: { x: number }) => 2 * x);
export const halve = step("halve", ({ x }: { x: number }) => {
  if (x % 2 === 1) throw new Error(`${x} is odd`);
  return x / 2;
});
export const failing = step("failing", () => {
  throw new Error("the outer reason", { cause: new Error("the inner reason") });
});
export const flaky = step({
  name: "flaky",
  cache: false,
  retries: 2,
  backoff: 5,
  run: async ({ directory, failures }: Place & { failures: number }): Promise<number> => {
    const calls = await mark({ directory }, "flaky");
    if (calls <= failures) throw new Error(`call ${calls} fails`);
    return calls;
  },
});
export const hanging = step({
  name: "hanging",
  cache: false,
  timeout: 250,
  run: async ({ directory }: Place, { signal }: StepRunContext<Record<never, never>>): Promise<number> => {
    await mark({ directory }, "hanging-begun");
    try {
      await sleep(60_000, undefined, { signal });
    } finally {
      await mark({ directory }, "hanging-ended");
    }
    return 0;
  },
});
/** Ends once somebody has opened the gate. */
export const gate = step("gate", async ({ directory }: Place): Promise<number> => {
  await mark({ directory }, "at-gate");
  while (!existsSync(join(directory, "gate"))) await sleep(10);
  return 0;
});
/** The first call pays no heed to its signal, and comes to an end when it was given up and another has begun. */
export const late = step({
  name: "late",
  cache: false,
  timeout: 400,
  retries: 4,
  backoff: 5,
  run: async ({ directory }: Place): Promise<string> => {
    if ((await mark({ directory }, "late")) > 1) return "in time";
    // Where there is no room for another, that one comes after this.
    const until = performance.now() + 3_000;
    while ((await readdir(join(directory, "late"))).length < 2 && performance.now() < until) await sleep(10);
    await mark({ directory }, "late-ended");
    return "too late";
  },
});
export const wrong = step({
  name: "wrong",
  cache: false,
  outputs: { left: json, right: json },
  run: () => ({ left: 1, rihgt: 2 }) as never,
});
export const waiting = step("waiting", async ({ directory }: Place, { signal }) => {
  await mark({ directory }, "waiting");
  await sleep(60_000, undefined, { signal });
  return 0;
});
export const mended = step("mended", async ({ directory, x }: Place & { x: number }) => {
  if ((await mark({ directory }, "mended")) === 1) throw new Error("not yet");
  return x + 100;
});
export const talking = step("talking", (_: Record<never, never>, { log }) => {
  log.info("a line through the log");
  log.progress(1, 2, { loss: 0.5 });
  return 0;
});
export const greedy = step({ name: "greedy", cache: false, resources: { gpu: 1_000_000 }, run: () => 0 });
export const crowded = step("crowded", async ({ directory, name }: Place & { name: string }) => {
  await mkdir(join(directory, "crowd"), { recursive: true });
  const own = join(directory, "crowd", name);
  await writeFile(own, "");
  await sleep(30);
  const together = (await readdir(join(directory, "crowd"))).length;
  await rm(own);
  return together;
});

// Where nothing is to be found again no code has to be followed, which takes longer than all of the rest.
export const uncached = { cache: false } as const;
interface How {
  readonly cache?: false;
}

export const chain = (place: Place, how: How = {}) =>
  pipeline("chain", () => {
    let x = begin(place, {}, how);
    for (let length = 0; length < 5; length += 1) x = add({ x }, {}, how);
    return { x };
  });
export const fanOut = (place: Place) =>
  pipeline("fan_out", () => {
    const x = begin(place, {}, uncached);
    return { sum: total({ xs: Array.from({ length: 12 }, () => add({ x }, {}, uncached)) }, {}, uncached) };
  });
export const mapping = (length: number, how: How = {}) =>
  pipeline("mapping", () => {
    const doubled = map(double, { x: each(count({ length }, {}, how)) }, {}, how);
    return { doubled, sum: total({ xs: doubled }, {}, how) };
  });
export const unequal = pipeline("unequal", () => ({
  sums: map(
    add2,
    { x: each(count({ length: 2 }, {}, uncached)), y: each(count({ length: 3 }, {}, uncached)) },
    {},
    uncached,
  ),
}));
export const add2 = step("add2", ({ x, y }: { x: number; y: number }) => x + y);
export const partlyMapped = pipeline("partly_mapped", () => {
  const halves = map(halve, { x: each(count({ length: 4 }, {}, uncached)) }, {}, uncached);
  return { sum: total({ xs: halves }, {}, uncached) };
});
export const retried = (place: Place, failures: number) =>
  pipeline("retried", () => ({ calls: flaky({ ...place, failures }) }));
export const timedOut = (place: Place) => pipeline("timed_out", () => ({ never: hanging(place) }));
export const lateOnce = (place: Place) => pipeline("late_once", () => ({ when: late(place) }));
export const branches = (place: Place, onFailure: "continue" | "stop") =>
  pipeline({
    name: "branches",
    onFailure,
    body: () => {
      const bad = failing({}, {}, uncached);
      const after = add({ x: bad as never }, {}, uncached);
      const good = add({ x: add({ x: gate(place, {}, uncached) }, {}, uncached) }, {}, uncached);
      return { after, good };
    },
  });
export const wrongOutputs = pipeline("wrong_outputs", () => ({ left: wrong({}).left }));
export const cancelled = (place: Place) =>
  pipeline("cancelled", () => ({ x: add({ x: waiting(place, {}, uncached) }, {}, uncached) }));
export const gated = (place: Place) =>
  pipeline("gated", () => ({ x: add({ x: gate(place, {}, uncached) }, {}, uncached) }));
export const resumed = (place: Place) =>
  pipeline("resumed", () => ({ x: mended({ ...place, x: begin(place, {}, uncached) }, {}, uncached) }));
export const talked = pipeline("talked", () => ({ x: talking({}, {}, uncached) }));
export const demanding = (place: Place) =>
  pipeline("demanding", () => ({ x: begin(place, {}, uncached), y: greedy({}) }));
export const crowd = (place: Place, size: number) =>
  pipeline("crowd", () => {
    const sizes = Array.from({ length: size }, (_, index) => crowded({ ...place, name: String(index) }, {}, uncached));
    return { sizes: gather({ sizes }, {}, uncached) };
  });
export const gather = step("gather", ({ sizes }: { sizes: readonly number[] }) => sizes);
