import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { series } from "../contracts/metadata-values.js";
import type { ModelStage } from "../contracts/reference.js";
import { json } from "../materializers/types.js";
import { map } from "../pipeline/map.js";
import { pipeline } from "../pipeline/pipeline.js";
import { step } from "../pipeline/step.js";
import { each } from "../pipeline/wire.js";
import { MemoryProject } from "../testing/memory-project.js";

// Following the code of the steps takes long once, and the longer the busier the machine is.
vi.setConfig({ testTimeout: 120_000 });

let there: MemoryProject;
beforeEach(() => {
  there = new MemoryProject();
});
afterEach(() => there.dispose());

const fit = step({
  name: "fit",
  params: z.object({ error: z.number().default(0.5) }),
  output: json,
  run: (_: Record<never, never>, { params, model, metadata }) => {
    model?.metadata({ error: params.error, loss: series([1, params.error]) });
    metadata.run({ note: "fitted" });
    metadata.step({ threads: 2 });
    return { error: params.error };
  },
});
const evaluate = step("evaluate", ({ fitted }: { fitted: unknown }) => ({ fitted, good: true }));
const side = step({
  name: "side",
  model: { name: "other", tags: ["draft"] },
  run: (_: Record<never, never>) => "beside",
});
const churn = pipeline({
  name: "churn",
  model: { name: "churn", tags: ["nightly"] },
  body: () => {
    const fitted = fit();
    return { fitted, report: evaluate({ fitted }), beside: side() };
  },
});
const run = (error: number) => there.run(churn, { params: { "fit.error": error } });

describe("a run of a pipeline with a model", () => {
  test("makes one version of it, with what its steps made and said, linked from both sides", async () => {
    const { id } = await run(0.5);
    const { models } = there.client;
    const version = await models.get("churn");
    expect(version).toMatchObject({
      version: "1",
      tags: ["nightly"],
      runId: id,
      metadata: {
        error: 0.5,
        loss: {
          kind: "series",
          values: [
            [0, 1],
            [1, 0.5],
          ],
        },
      },
      runs: [{ runId: id, role: "made" }],
    });
    expect(version.artifacts.map(({ artifact }) => artifact)).toEqual(["churn.evaluate@1", "churn.fit@1"]);
    // A step may name another model: what it makes belongs to that one alone.
    expect((await models.get("other@latest")).artifacts.map(({ artifact }) => artifact)).toEqual(["churn.side@1"]);
    expect(await models.ofArtifact("churn.fit@1")).toMatchObject([{ name: "churn", version: "1", stepId: "fit" }]);
    expect((await models.ofRun(id)).map(({ name, role }) => `${name} ${role}`).sort()).toEqual([
      "churn made",
      "other made",
    ]);
    expect((await models.list().page()).items.map(({ name }) => name)).toEqual(["churn", "other"]);
    const ledger = await there.ledger();
    expect(await ledger.runMetadata(id)).toEqual({ note: "fitted" });
    expect((await ledger.stepRun(id, "fit"))?.metadata).toEqual({ threads: 2 });
  });

  test("makes a whole version also of what was found in the cache, with what was said about it then", async () => {
    await run(0.5);
    const again = await run(0.5);
    expect(again.steps.every(({ status }) => status === "cached")).toBe(true);
    const second = await there.client.models.get("churn@2");
    expect(second.metadata).toMatchObject({ error: 0.5 });
    expect(second.artifacts.map(({ artifact }) => artifact)).toEqual(["churn.evaluate@1", "churn.fit@1"]);
    expect((await there.client.models.ofArtifact("churn.fit@1")).map(({ version }) => version).sort()).toEqual([
      "1",
      "2",
    ]);
    expect(await (await there.ledger()).runMetadata(again.id)).toEqual({ note: "fitted" });
  });

  test("links equal steps that share one cached artifact", async () => {
    const twins = pipeline({
      name: "twins",
      model: { name: "twins" },
      body: () => ({ one: fit({}, {}, { name: "one" }), two: fit({}, {}, { name: "two" }) }),
    });
    await there.run(twins);
    expect((await there.run(twins)).status).toBe("succeeded");
    expect((await there.client.models.get("twins@2")).artifacts.length).toBeGreaterThan(0);
  });

  test("adds to a version that it names, and makes one of a new name", async () => {
    const named = (version: string) =>
      pipeline({ name: "named", model: { name: "churn", version }, body: () => ({ fitted: fit() }) });
    await run(0.5);
    await there.run(named("1"));
    expect((await there.client.models.get("churn@1")).artifacts.map(({ artifact }) => artifact)).toContain(
      "named.fit@1",
    );
    await there.run(named("2026-q1"));
    await there.run(named("2026-q1"));
    expect((await there.client.models.versions("churn").page()).items.map(({ version }) => version)).toEqual([
      "2026-q1",
      "1",
    ]);
    expect(await there.client.models.get("churn@2026-q1")).toMatchObject({ number: 2 });
    await expect(there.run(named("7"))).rejects.toMatchObject({
      code: "MODEL_UNKNOWN",
      message: expect.stringContaining("it has the versions 2026-q1, 1"),
    });
  });

  test("takes the elements of a map together", async () => {
    const mapped = pipeline({
      name: "mapped",
      model: { name: "mapped" },
      body: () => ({ all: map(evaluate, { fitted: each([1, 2, 3]) }) }),
    });
    await there.run(mapped);
    expect((await there.client.models.get("mapped")).artifacts.map(({ artifact }) => artifact)).toEqual([
      "mapped.evaluate@1",
    ]);
  });

  test("that is asked again, as a resumed one does, gets the version that it had", async () => {
    const [one, other] = [await there.ledger(), await there.ledger()];
    const declaration = { name: "m", tags: [] };
    const found = await Promise.all(
      [one, other, one, other].map((ledger) => ledger.models.openFor("01R", declaration)),
    );
    expect(found.map(({ version }) => version)).toEqual(["1", "1", "1", "1"]);
    expect((await one.models.openFor("01S", declaration)).version).toBe("2");
  });

  test("of several runs at once each makes a version of its own, without gaps", async () => {
    const ledgers = await Promise.all(Array.from({ length: 20 }, () => there.ledger()));
    const made = await Promise.all(
      ledgers.map((ledger, index) => ledger.models.openFor(`01R${index}`, { name: "m", tags: [] })),
    );
    expect(made.map(({ number }) => number).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
  });
});

describe("stages", () => {
  test("have one version each: who takes one over archives the former in the same moment", async () => {
    const { models } = there.client;
    for (const error of [0.5, 0.4, 0.3]) await run(error);
    await models.setStage("churn@1", "production");
    await models.setStage("churn@2", "staging");
    expect(await models.setStage("churn@staging", "production")).toMatchObject({ version: "2", stage: "production" });
    expect((await models.versions("churn").page()).items.map(({ version, stage }) => [version, stage])).toEqual([
      ["3", undefined],
      ["2", "production"],
      ["1", "archived"],
    ]);
    await models.setStage("churn@2", undefined);
    await expect(models.get("churn@production")).rejects.toMatchObject({
      code: "MODEL_STAGE_UNKNOWN",
      message: expect.stringContaining("it has version 1 in archived"),
    });
    await expect(models.setStage("churn@3", "prodution" as ModelStage)).rejects.toThrow("Did you mean 'production'?");
    await expect(models.get("churn@prodution")).rejects.toThrow("Did you mean 'production'?");
    await expect(models.get("churn@prod")).rejects.toThrow("or one by its stage: staging or production");
    await expect(models.setStage("chrun@3", "production")).rejects.toThrow("Did you mean 'churn'?");
  });

  test("moved by many processes at once are never held twice or lost", async () => {
    const ledgers = await Promise.all(Array.from({ length: 10 }, () => there.ledger()));
    for (let index = 0; index < 10; index++) await ledgers[0]?.models.openFor(`01R${index}`, { name: "m", tags: [] });
    await Promise.all(ledgers.map((ledger, index) => ledger.models.setStage("m", String(index + 1), "production")));
    const stages = Object.values((await ledgers[0]?.models.stages("m")) ?? {});
    expect(stages.filter((stage) => stage === "production")).toHaveLength(1);
    expect(stages.filter((stage) => stage === "archived")).toHaveLength(9);
  });
});

describe("a reference through a model", () => {
  test("means its artifact and its metric from one version, also if the stage moves while the run goes on", async () => {
    const { client } = there;
    await run(0.5);
    await run(0.25);
    await client.models.setStage("churn@1", "production");
    const model = client.model("churn", { stage: "production" });
    const first = step("first", async ({ error }: { error: unknown }) => {
      await client.models.setStage("churn@2", "production");
      return error;
    });
    const last = step("last", ({ fitted, before }: { fitted: unknown; before: unknown }) => ({ fitted, before }));
    const using = pipeline("using", () => {
      const before = first({ error: model.metadata("error", z.number()) });
      return { result: last({ before, fitted: model.artifact("churn.fit") }) };
    });
    const { id, outputs } = await there.run(using);
    expect(await outputs.result.load()).toEqual({ before: 0.5, fitted: { error: 0.5 } });
    expect(await model.artifact("churn.fit").get()).toEqual({ error: 0.25 });
    const inputs = (await (await there.ledger()).stepRun(id, "last"))?.inputs;
    expect(inputs?.fitted).toMatchObject({ artifact: "churn.fit@1", model: "churn@1" });
    expect(await client.models.ofRun(id)).toMatchObject([{ name: "churn", version: "1", role: "used" }]);
    expect((await client.models.get("churn@1")).runs).toContainEqual(
      expect.objectContaining({ runId: id, role: "used" }),
    );
  });

  test("to an artifact that the version does not have says which it has", async () => {
    await run(0.5);
    await expect(there.client.model("churn").artifact("churn.fti").get()).rejects.toMatchObject({
      code: "ARTIFACT_UNKNOWN",
      message: expect.stringMatching(
        /version 1 of the model 'churn': it has churn\.(fit|evaluate).*Did you mean 'churn\.fit'\?/,
      ),
    });
    await expect(there.client.model("churn", { version: "9" }).metadata("error").get()).rejects.toMatchObject({
      code: "MODEL_UNKNOWN",
    });
  });
});

describe("saying something", () => {
  test.each([
    ["a number that is none", { x: Number.NaN }, "x is NaN"],
    ["a date", { when: { at: new Date() } }, "when.at is a Date"],
    ["undefined", { x: [1, undefined] }, "x[1] is undefined"],
    ["no object", 3, "it is a number"],
  ])("%s in metadata fails the step, and names the place", async (_, values, said) => {
    const saying = step("saying", (_: Record<never, never>, { metadata }) => metadata.step(values as never));
    const failed = await there.run(
      pipeline("saying", () => void saying()),
      { throwOnFailure: false },
    );
    expect(failed.failures[0]?.error).toMatchObject({
      code: "METADATA_INVALID",
      message: expect.stringContaining(said),
    });
  });

  test("something about a model where there is none says how to have one", async () => {
    const saying = step("lost", (_: Record<never, never>, { metadata, model }) => {
      expect(model).toBeUndefined();
      metadata.model({ x: 1 });
    });
    const failed = await there.run(
      pipeline("lost", () => void saying()),
      { throwOnFailure: false },
    );
    expect(failed.failures[0]?.error).toMatchObject({ code: "MODEL_INVALID" });
  });

  test.each([
    [{ name: "" }, "its name is"],
    [{ name: "a/b" }, "its name is"],
    [{ name: "m", version: 3 }, "its version is 3"],
    [{ name: "m", version: "3@4" }, "its version is"],
    [{ name: "m", stage: "production" }, "there is no field 'stage'"],
  ])("a model declared as %j is refused where it is declared", (model, said) => {
    expect(() => pipeline({ name: "p", model: model as never, body: () => {} })).toThrow(said);
    expect(() => step({ name: "s", model: model as never, run: () => {} })).toThrow(said);
  });
});
