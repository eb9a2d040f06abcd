import { pipeline } from "@tenon/core";
import { z } from "zod";
import { clean, load, split, standardise } from "./src/data.js";
import { evaluate } from "./src/evaluate.js";
import { fit } from "./src/fit.js";

/** Which species is a penguin? A pipeline only says what depends on what: nothing runs when this body is called. */
export const penguins = pipeline({
  name: "penguins",
  params: z.object({ testRatio: z.number().gt(0).lt(1).default(0.2), seed: z.int().default(1) }),
  model: { name: "penguins" }, // each run makes a new version of it, to which belongs what the run makes
  steps: { fit }, // a slot: a run may put another step of the same interface here
  body: ({ params, steps }) => {
    const rows = clean({ penguins: load() });
    const parts = split({ rows }, { testRatio: params.testRatio, seed: params.seed });
    const { train, test, scale } = standardise({ train: parts.train, test: parts.test });
    const model = steps.fit({ train });
    const { report, confusion } = evaluate({ model, test });
    return { model, scale, report, confusion };
  },
});
