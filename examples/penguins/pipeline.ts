import { pipeline } from "@tenon/core";
import { z } from "zod";
import { load } from "./src/data.js";
import { evaluate, fit, prepare, split } from "./src/train.js";

/** Which species is a penguin? A pipeline only says what depends on what: nothing runs when this body is called. */
export const penguins = pipeline({
  name: "penguins",
  params: z.object({ testRatio: z.number().gt(0).lt(1).default(0.2), seed: z.int().default(1) }),
  model: { name: "penguins" }, // each run makes a new version of it, to which belongs what the run makes
  steps: { fit }, // a slot: a run may put another trainer here
  body: ({ params: { testRatio, seed }, steps }) => {
    const rows = load();
    const { train, test } = split({ rows }, { shares: { train: 1 - testRatio, test: testRatio }, seed });
    const { transform } = prepare({ train });
    const { model } = steps.fit({ train, transform });
    const { evaluation, report } = evaluate({ model, test });
    return { model, evaluation, report };
  },
});
