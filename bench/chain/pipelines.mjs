// Usage: pipelines.mjs <chain|fan|compile> <steps>: runs a chain or a fan-out of that many steps, or only compiles a chain.
import { each, map, pipeline, run, step } from "@tenon/core";
import { z } from "zod";

const value = z.object({ n: z.number() });
const next = step({ name: "next", inputs: { value }, output: value, run: ({ value: { n } }) => ({ n: n + 1 }) });
const first = step({
  name: "first",
  output: z.array(value),
  params: z.object({ count: z.int() }),
  run: (_, { params }) => Array.from({ length: params.count }, (_, n) => ({ n })),
});
const last = step({
  name: "last",
  inputs: { all: z.array(value) },
  output: value,
  run: ({ all }) => ({ n: all.length }),
});

const steps = Number(process.argv[3]);
const chain = pipeline({
  name: "chain",
  body: () => {
    let result = next({ value: { n: 0 } });
    for (let index = 1; index < steps; index++) result = next({ value: result });
    return { result };
  },
});
// One artifact a branch, as in the peers: 500 steps, not one map.
const fan = pipeline({
  name: "fan",
  body: () => {
    const source = next({ value: { n: 0 } });
    return { result: last({ all: Array.from({ length: steps }, () => next({ value: source })) }) };
  },
});
const mapped = pipeline({
  name: "mapped",
  body: () => ({ result: last({ all: map(next, { value: each(first({}, { count: steps })) }) }) }),
});

const shape = process.argv[2];
if (shape === "compile") {
  const { compilePipeline } = await import("@tenon/core/internal");
  const started = performance.now();
  const { plan } = await compilePipeline(chain, { directory: process.cwd(), parameters: [] });
  console.log(JSON.stringify({ innerMs: performance.now() - started, n: plan.steps.length }));
  process.exit(0);
}
const started = performance.now();
const result = await run({ chain, fan, mapped }[shape]);
const innerMs = performance.now() - started;
const { n } = await result.outputs.result.load();
console.log(JSON.stringify({ innerMs, n }));
