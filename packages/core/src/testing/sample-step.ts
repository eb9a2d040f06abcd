import type { PlannedStep } from "../contracts/plan.js";

/** A step as plans have them, for tests of plans: by default one that takes nothing and gives one output. */
export function sampleStep(id: string, changes: Partial<PlannedStep> = {}): PlannedStep {
  return {
    id,
    name: id,
    source: { module: "src/steps.ts", binding: id },
    parameters: {},
    inputs: {},
    outputs: { output: { artifact: `p.${id}` } },
    single: true,
    after: [],
    mapped: false,
    settings: {
      retries: 0,
      backoff: { initial: 1000, factor: 2, maximum: 60000 },
      cache: { enabled: true },
      resources: {},
      engine: {},
      tags: [],
      deterministic: true,
    },
    ...changes,
  };
}
