import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { z } from "zod";
import { artifactType } from "../contracts/artifact-type.js";
import { pipeline } from "../pipeline/pipeline.js";
import { step } from "../pipeline/step.js";
import { compile } from "./compile.js";

const table = artifactType<{ a: number }[]>("table");
const load = step({
  name: "load",
  params: z.object({ seed: z.int().default(3) }),
  output: table,
  run: () => [{ a: 1 }],
});
const split = step({
  name: "split",
  inputs: { rows: table },
  outputs: { train: table, test: table },
  run: ({ rows }) => ({ train: rows, test: rows }),
});
const fit = step("fit", ({ train, rate }: { train: { a: number }[]; rate: number }) => train.length * rate);

const penguins = pipeline({
  name: "penguins",
  params: z.object({ epochs: z.int().default(5) }),
  steps: { fit },
  body: ({ params, steps }) => {
    const { train, test } = split({ rows: load() });
    const model = steps.fit({ train, rate: params.epochs });
    return { model, test };
  },
});

const options = {
  project: { name: "p", root: process.cwd(), stateDirectory: "/nowhere" },
  fingerprints: false,
  encode: async (value: unknown) => ({
    digest: `sha256:${createHash("sha256").update(JSON.stringify(value)).digest("hex")}`,
    type: "json",
  }),
};

test("a pipeline compiles to a plan", async () => {
  const compiled = await compile(penguins, options);
  console.log(compiled.text, compiled.parameterOrigins);
  expect(compiled.plan.steps.map(({ id }) => id)).toEqual(["load", "split", "fit"]);
});
