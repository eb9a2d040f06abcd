import { expect, test } from "vitest";
import type { Plan, PlannedStep } from "../contracts/plan.js";
import { sampleStep } from "../testing/sample-step.js";
import { readPlan } from "./read-plan.js";
import { readPlannedStep } from "./read-planned-step.js";
import { writePlan } from "./write-plan.js";

const digest = `sha256:${"a".repeat(64)}`;

const parameters = { text: "one\n  - after: []\n    id: last\n", list: [{ id: "last" }] };
const plannedStep = (id: string, changes: Partial<PlannedStep> = {}) => sampleStep(id, { parameters, ...changes });

const plan: Plan = {
  format: 1,
  pipeline: "some pipeline",
  parameters: { rate: 0.5 },
  steps: [
    plannedStep("first"),
    plannedStep("fit", { mapped: true, inputs: { row: { from: "step", step: "first", output: "output" } } }),
    plannedStep("null", { after: ["first", "fit"], fingerprint: digest }),
    plannedStep("last", { after: ["null"] }),
  ],
  outputs: { result: { from: "step", step: "last", output: "output" } },
  onFailure: "continue",
  tags: ["a"],
  model: { name: "m", tags: [] },
};
const text = writePlan(plan);

test.each(["first", "fit", "null", "last"])("step %s read by itself is as in the whole plan", async (id) => {
  const step = (await readPlan(text)).steps.find((one) => one.id === id);
  expect(step).toBeDefined();
  expect(await readPlannedStep(text, id)).toEqual({ pipeline: "some pipeline", step });
});

test("an element of a map is of its step", async () => {
  expect((await readPlannedStep(text, "fit[3]")).step?.id).toBe("fit");
});

test("a step that the plan has not is undefined", async () => {
  expect((await readPlannedStep(text, "fitt")).step).toBeUndefined();
});

test("a plan that is written in another way is read as a whole", async () => {
  const json = JSON.stringify(plan);
  expect((await readPlannedStep(json, "last")).step).toEqual((await readPlan(json)).steps[3]);
  const block = text.replace("pipeline: ", "# |\npipeline: ").replace("rate: 0.5", "rate: |\n    x\n    id: last");
  expect((await readPlannedStep(block, "last")).step).toEqual((await readPlan(block)).steps[3]);
});

test("what no step has is refused", async () => {
  await expect(readPlannedStep(text.replace("mapped: true", "mapped: 1"), "fit")).rejects.toMatchObject({
    code: "PLAN_INVALID",
  });
});
