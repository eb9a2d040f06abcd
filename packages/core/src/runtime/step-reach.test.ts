import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { componentKind, defineComponent } from "../contracts/component.js";
import { type Stack, stack } from "../kernel/stack-definition.js";
import { pipeline } from "../pipeline/pipeline.js";
import { step } from "../pipeline/step.js";
import { MemoryProject } from "../testing/memory-project.js";

interface Alerter {
  alert(text: string): void;
}
const alerter = componentKind<Alerter>("alerter");

let there: MemoryProject;
beforeEach(() => {
  there = new MemoryProject();
});
afterEach(() => there.dispose());

const tell = step({
  name: "tell",
  cache: false,
  run: async (_: Record<never, never>, { component }) => (await component(alerter)).alert("done"),
});
const telling = pipeline("telling", () => {
  tell();
});

function withAlerter(base: Stack, told: string[]): Stack {
  const list = defineComponent(alerter, {
    flavor: "list",
    config: z.object({}),
    load: async () => ({ create: () => ({ alert: (text: string) => void told.push(text) }) }),
  });
  return stack({ ...base.components, name: "with-alerter", alerter: list() });
}

test("a step reaches the stack's component of a kind that a plugin defines", async () => {
  const told: string[] = [];
  await there.run(telling, { stack: withAlerter(there.stack, told) });
  expect(told).toEqual(["done"]);
});

test("a step that asks for a kind that the stack does not have is told so", async () => {
  const failed = await there.run(telling).catch((error: unknown) => error);
  expect((failed as Error).cause).toMatchObject({ code: "STACK_INVALID", found: "it has no alerter" });
  await expect(async () => tell.run({})).rejects.toMatchObject({ code: "STACK_INVALID" });
});

test("a step moves the version of the model that it works on to a stage", async () => {
  const promote = step({ name: "promote", cache: false, run: (_: object, { model }) => model?.setStage("production") });
  const promoting = pipeline({ name: "promoting", model: { name: "churn" }, body: () => void promote({}) });
  await there.run(promoting);
  await there.run(promoting);
  expect((await there.client.models.get("churn@production")).version).toBe("2");
  expect((await there.client.models.get("churn@1")).stage).toBe("archived");
});
