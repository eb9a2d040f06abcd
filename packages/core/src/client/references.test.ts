import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from "vitest";
import { z } from "zod";
import { metadataOf, type Series, series, seriesSchema } from "../contracts/metadata-values.js";
import { artifactId } from "../ledger/artifact-versions.js";
import { json } from "../materializers/types.js";
import { map } from "../pipeline/map.js";
import { pipeline } from "../pipeline/pipeline.js";
import type { ArtifactReference, Reference } from "../pipeline/reference.js";
import { step } from "../pipeline/step.js";
import { each } from "../pipeline/wire.js";
import { MemoryProject } from "../testing/memory-project.js";
import { Client } from "./client.js";

// Following the code of the steps takes long once, and the longer the busier the machine is.
vi.setConfig({ testTimeout: 120_000 });

let there: MemoryProject;
beforeEach(() => {
  there = new MemoryProject();
});
afterEach(() => there.dispose());

const number = z.number();
const train = step({
  name: "train",
  params: z.object({ mse: z.number().default(0.5) }),
  output: json,
  run: (_: Record<never, never>, { params, metadata }) => {
    metadata({ output: { MSE: params.mse, loss: series([0.9, params.mse]), folds: [1, 2, 3] } });
    return { weight: params.mse * 10 };
  },
});
const training = pipeline("training", () => ({ model: train() }));
const trainWith = (mse: number) => there.run(training, { params: { "train.mse": mse } });
const take = step("take", ({ model, mse }: { model: unknown; mse: unknown }) => ({ model, mse }));
const give = step("give", ({ value }: { value: unknown }) => value);
const wait = step("wait", async (_: Record<never, never>) => {
  await between();
  return 1;
});
let between: () => Promise<unknown> = async () => {};

describe("a late reference", () => {
  test("to the latest version means the one that is the latest when its step starts", async () => {
    await trainWith(0.5);
    const { client } = there;
    const later = pipeline("later", () => {
      const latest = client.artifact("training.train");
      const early = give({ value: latest }, {}, { name: "early" });
      return { early, other: give({ value: client.artifact("other.train") }, {}, { name: "late", after: [wait()] }) };
    });
    const other = pipeline("other", () => ({ model: train() }));
    // Nothing of that name is there when the pipeline is compiled, nor when the run begins.
    between = () => there.run(other, { params: { "train.mse": 0.7 } });
    const result = await there.run(later);
    expect(await result.outputs.early.load()).toEqual({ weight: 5 });
    expect(await result.outputs.other.load()).toEqual({ weight: 7 });
  });

  test("means one version for a whole run, whatever is published meanwhile", async () => {
    await trainWith(0.5);
    const { client } = there;
    between = () => trainWith(0.1);
    const twice = pipeline("twice", () => {
      const latest = client.artifact("training.train");
      const first = give({ value: latest }, {}, { name: "first" });
      const between = wait({}, {}, { after: [first] });
      const last = take({ model: latest, mse: latest.metadata("MSE", number) }, {}, { name: "last", after: [between] });
      return { first, last };
    });
    const result = await there.run(twice);
    expect(await result.outputs.last.load()).toEqual({ model: { weight: 5 }, mse: 0.5 });
    const again = await there.run(twice);
    expect(await again.outputs.last.load()).toEqual({ model: { weight: 1 }, mse: 0.1 });
  });

  test("and one to its metric come from one version, under a publisher that never rests", async () => {
    const ledger = await there.ledger();
    await trainWith(0.5);
    const original = (await ledger.artifact("training.train@1")) as NonNullable<
      Awaited<ReturnType<typeof ledger.artifact>>
    >;
    let rest = false;
    const publishing = (async () => {
      for (let mse = 1; !rest; mse++) {
        const { version: _, number: __, ...next } = original;
        await ledger.addArtifact({ ...next, metadata: { MSE: mse } }, { again: true });
        // A store in memory never waits for anything: let others have their turn.
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    const { client } = there;
    const both = pipeline("both", () => {
      const latest = client.artifact("training.train");
      return { taken: take({ model: latest, mse: latest.metadata("MSE") }) };
    });
    for (let index = 0; index < 10; index++) {
      const { id } = await there.run(both, { cache: false });
      const inputs = (await ledger.stepRun(id, "take"))?.inputs as Record<string, { artifact: string; value: number }>;
      expect(inputs.mse?.artifact).toBe(inputs.model?.artifact);
      const record = await ledger.artifact(inputs.model?.artifact as string);
      expect(inputs.mse?.value).toBe(record?.metadata.MSE);
    }
    rest = true;
    await publishing;
  });

  test("is settled once: of several processes that ask at once all get the first one's answer", async () => {
    await trainWith(0.5);
    const ledgers = await Promise.all(Array.from({ length: 8 }, () => there.ledger()));
    const found = await Promise.all(
      ledgers.map(async (ledger, index) => {
        if (index % 2 === 1) await trainWith(index);
        return (await ledger.references.findFor("01R", { artifact: "training.train" })).artifact;
      }),
    );
    expect(new Set(found.map((artifact) => artifact && artifactId(artifact))).size).toBe(1);
  });

  test("is recorded as an input, is an edge of the lineage, and counts in the cache by content", async () => {
    await trainWith(0.5);
    const { client } = there;
    const using = pipeline("using", () => {
      const latest = client.artifact("training.train");
      return { taken: take({ model: latest, mse: latest.metadata("MSE") }) };
    });
    const first = await there.run(using);
    const ledger = await there.ledger();
    expect((await ledger.stepRun(first.id, "take"))?.inputs).toEqual({
      model: { artifact: "training.train@1", digest: expect.stringMatching(/^sha256:/) },
      mse: { artifact: "training.train@1", metadata: "MSE", value: 0.5, digest: expect.stringMatching(/^sha256:/) },
    });
    expect(await ledger.consumers("training.train@1")).toEqual([
      { runId: first.id, stepId: "take", inputs: ["model", "mse"] },
    ]);
    expect(await ledger.pins.holders("training.train@1")).toEqual([first.id]);
    expect((await there.run(using)).steps).toEqual([{ id: "take", status: "cached" }]);
    // Equal content in another version is the same input; another metric is not.
    await there.run(training, { params: { "train.mse": 0.5 }, cache: false });
    expect((await there.run(using)).steps).toEqual([{ id: "take", status: "cached" }]);
    await trainWith(0.25);
    expect((await there.run(using)).steps).toEqual([{ id: "take", status: "succeeded" }]);
  });

  test("of a run that failed stays settled for whoever goes on with it", async () => {
    await trainWith(0.5);
    const { client } = there;
    const fragile = step("fragile", (_: { model: unknown }) => {
      throw new Error("not yet");
    });
    const pipe = pipeline("fragile_use", () => ({ model: fragile({ model: client.artifact("training.train") }) }));
    const failed = await there.run(pipe, { throwOnFailure: false });
    expect(failed.status).toBe("failed");
    await trainWith(0.1);
    const { artifact } = await (await there.ledger()).references.findFor(failed.id, { artifact: "training.train" });
    expect(artifact?.version).toBe("1");
  });

  test("to a version, an output of a run, an element of a list of metadata", async () => {
    const { id } = await trainWith(0.5);
    await trainWith(0.25);
    const { client } = there;
    const pipe = pipeline("several", () => ({
      first: give({ value: client.artifact("training.train", { version: "1" }) }, {}, { name: "first" }),
      output: give({ value: client.run(id).step("train").output() }, {}, { name: "output" }),
      folds: map(
        give,
        { value: each(client.artifact("training.train").metadata<number[]>("folds")) },
        {},
        { name: "folds" },
      ),
    }));
    const { outputs } = await there.run(pipe);
    expect(await outputs.first.load()).toEqual({ weight: 5 });
    expect(await outputs.output.load()).toEqual({ weight: 5 });
    expect(await outputs.folds.load()).toEqual([1, 2, 3]);
  });

  test("to something deleted meanwhile fails the step, and says what was deleted", async () => {
    await trainWith(0.5);
    const { location } = (await (await there.ledger()).artifact("training.train@1")) as { location: string };
    between = async () => {
      const { entries } = await there.artifacts.list(location);
      for (const { key } of entries) await there.artifacts.delete(key);
    };
    const { client } = there;
    const latest = client.artifact("training.train");
    const pipe = pipeline("deleted", () => ({ taken: give({ value: latest }, {}, { after: [wait()] }) }));
    const failed = await there.run(pipe, { throwOnFailure: false });
    expect(failed.failures[0]?.error).toMatchObject({
      code: "ARTIFACT_MISSING",
      message: expect.stringContaining("training.train@1, which is on record, but its bytes were deleted"),
    });
    await expect(latest.get()).rejects.toMatchObject({ code: "ARTIFACT_MISSING" });
  });

  test.each([
    ["an artifact", (c: Client) => c.artifact("training.trian"), "ARTIFACT_UNKNOWN", "Did you mean 'training.train'?"],
    ["data", (c: Client) => c.artifact("datasource.birds"), "ARTIFACT_UNKNOWN", "Make it first: run the pipeline"],
    [
      "a version",
      (c: Client) => c.artifact("training.train", { version: "7" }),
      "ARTIFACT_UNKNOWN",
      "it has the versions 1",
    ],
    ["metadata", (c: Client) => c.artifact("training.train").metadata("MES"), "METADATA_UNKNOWN", "MSE, loss, folds"],
    ["a model", (c: Client) => c.model("churn").artifact("a"), "MODEL_UNKNOWN", "there are no models yet"],
    ["a run", (c: Client) => c.run("01X").step("a").output(), "RUN_UNKNOWN", "the newest runs are 01"],
  ] as const)("that names %s that is not there says what there is", async (_, reference, code, said) => {
    await trainWith(0.5);
    const made = reference(there.client) as Reference<unknown>;
    await expect(made.get()).rejects.toMatchObject({ code, message: expect.stringContaining(said) });
    const pipe = pipeline("missing", () => ({ taken: give({ value: made }) }));
    const failed = await there.run(pipe, { throwOnFailure: false });
    expect(failed.failures[0]?.error).toMatchObject({ code, message: expect.stringContaining(said) });
  });

  test("that names a step or an output that is not there says which there are", async () => {
    const { id } = await trainWith(0.5);
    const run = there.client.run(id);
    await expect(run.step("trian").output().get()).rejects.toMatchObject({
      code: "STEP_UNKNOWN",
      message: expect.stringMatching(/its steps are train\. Did you mean 'train'\?/),
    });
    await expect(run.step("train").output("model").get()).rejects.toMatchObject({
      code: "ARTIFACT_UNKNOWN",
      message: expect.stringContaining("its outputs are output"),
    });
  });

  test("is read outside of a pipeline by get, with its metadata as the schema has it", async () => {
    await trainWith(0.5);
    const latest = there.client.artifact("training.train", { type: json });
    const recorded = await there.client.artifacts.get("training.train");
    expect(await metadataOf(recorded, "MSE", number)).toBe(0.5);
    await expect(metadataOf(recorded, "MES", number)).rejects.toThrow("Did you mean 'MSE'?");
    expect(await latest.get()).toEqual({ weight: 5 });
    expect(await latest.metadata("MSE", number).get()).toBe(0.5);
    expect(await latest.metadata("loss", seriesSchema).get()).toEqual({
      kind: "series",
      values: [
        [0, 0.9],
        [1, 0.5],
      ],
    });
    await expect(latest.metadata("MSE", z.string()).get()).rejects.toMatchObject({ code: "METADATA_INVALID" });
    await expect(latest.metadata("MSE", seriesSchema).get()).rejects.toMatchObject({ code: "METADATA_INVALID" });
  });

  test("whose metadata is not of the schema's type fails the step before it starts, in any process", async () => {
    await trainWith(0.5);
    const wrong = there.client.artifact("training.train").metadata("MSE", z.string());
    const pipe = pipeline("wrong", () => ({ taken: give({ value: wrong }) }));
    const failed = await there.run(pipe, { throwOnFailure: false });
    expect(failed.failures[0]?.error).toMatchObject({
      code: "METADATA_INVALID",
      message: expect.stringContaining("it is 0.5, and its schema asks for string"),
    });
  });

  test("can look at an artifact as another type, which counts in the cache", async () => {
    await trainWith(0.5);
    const pipe = (view: ArtifactReference<unknown>) => pipeline("views", () => ({ taken: give({ value: view }) }));
    const asJson = await there.run(pipe(there.client.artifact("training.train")));
    const { text } = await import("../materializers/types.js");
    const asText = await there.run(pipe(there.client.artifact("training.train", { type: text })), {
      throwOnFailure: false,
    });
    expect(asJson.steps[0]?.status).toBe("succeeded");
    expect(asText.steps[0]?.status).not.toBe("cached");
  });
});

describe("a reference is not the value", () => {
  const references = () => {
    const client = new Client({ directory: "/nowhere" });
    const artifact = client.artifact("a");
    return [
      ["an artifact", artifact],
      ["metadata", artifact.metadata("MSE")],
      ["an output of a run", client.run("01X").step("fit").output("model")],
      ["a model", client.model("churn")],
      ["a run", client.run("01X")],
      ["a step of a run", client.run("01X").step("fit")],
    ] as [string, object][];
  };

  test.each(references())("%s: using it as one throws, and says what to do", async (_, reference) => {
    const misuse = (use: () => unknown) => expect(use).toThrow(expect.objectContaining({ code: "REFERENCE_MISUSED" }));
    misuse(() => `${reference}`);
    misuse(() => +(reference as unknown as number));
    misuse(() => (reference as unknown as number) > 3);
    misuse(() => String(reference));
    misuse(() => reference.valueOf());
    misuse(() => JSON.stringify({ reference }));
    misuse(() => [...(reference as unknown as unknown[])]);
    misuse(() => (reference as { weights: unknown }).weights);
    misuse(() => Object.assign(reference, { weights: 1 }));
    const awaiting = (async () => await reference)();
    await expect(awaiting).rejects.toMatchObject({
      code: "REFERENCE_MISUSED",
      message: expect.stringContaining("was awaited"),
    });
    expect(inspect(reference)).toEqual(expect.any(String));
  });

  test("a mistyped method suggests the one that is there", () => {
    const artifact = new Client().artifact("a") as unknown as { metdata(): void };
    expect(() => artifact.metdata()).toThrow("Did you mean 'metadata'?");
  });

  test.each([
    ["an artifact", () => new Client().artifact("model"), "await reference.get()"],
    ["a model", () => new Client().model("churn"), "model.artifact(name)"],
  ])("the message for %s names what is meant and the way to the value", (_, make, said) => {
    expect(() => `${make()}`).toThrow(said);
  });

  test("a model, a run or a step is no input: the message says what of it could be", async () => {
    for (const [made, said] of [
      [there.client.model("churn"), "model.artifact(name)"],
      [there.client.run("01X"), "run.step(name).output(name)"],
      [[there.client.run("01X").step("fit")], "run.step(name).output(name)"],
    ] as const) {
      const pipe = pipeline("unfinished", () => ({ taken: give({ value: made }) }));
      await expect(there.run(pipe)).rejects.toMatchObject({
        code: "INPUT_INVALID",
        message: expect.stringContaining(said),
      });
    }
  });

  test("making one opens nothing; a name that is none, or a stage that several versions have, is refused at once", () => {
    const client = new Client({ directory: "/nowhere" });
    expect(() => client.artifact("")).toThrow(expect.objectContaining({ code: "REFERENCE_INVALID" }));
    expect(() => client.artifact("a", { version: 42 as unknown as string })).toThrow('version "42", not 42');
    expect(() => client.model("churn", { stage: "archived" as "production" })).toThrow("staging and production");
    expect(() => client.model("churn", { stage: "production", version: "3" })).toThrow("both a version and a stage");
  });
});

describe("types", () => {
  test("flow from the type and the schema to the value and into steps", () => {
    const client = new Client();
    const model = client.artifact("model", { type: json });
    expectTypeOf(model).toExtend<ArtifactReference<unknown>>();
    const half = step("half", ({ x }: { x: number }) => x / 2);
    const calls = () => {
      expectTypeOf(model.metadata("MSE", number).get()).resolves.toEqualTypeOf<number>();
      expectTypeOf(model.metadata("loss", seriesSchema).get()).resolves.toEqualTypeOf<Series>();
      expectTypeOf(client.artifact("model").get()).resolves.toEqualTypeOf<unknown>();
      half({ x: model.metadata("MSE", number) });
      // @ts-expect-error the metadata is a text
      half({ x: model.metadata("name", z.string()) });
      // @ts-expect-error a model is no input
      half({ x: client.model("churn") });
      // @ts-expect-error there is no such stage to refer to
      client.model("churn", { stage: "archived" });
    };
    expect(calls).toBeTypeOf("function");
  });
});

describe("the names of artifacts", () => {
  const named = (name: string) => pipeline(`named_${name}`, () => ({ model: train({}, {}, { artifact: name }) }));

  test("can be chosen, and are there also where the bytes were found in the cache under another name", async () => {
    await trainWith(0.5);
    const first = await there.run(named("trained_model"));
    expect(first.steps).toEqual([{ id: "train", status: "cached" }]);
    const { client } = there;
    const latest = client.artifact("trained_model");
    expect(await latest.get()).toEqual({ weight: 5 });
    expect(await latest.metadata("MSE", number).get()).toBe(0.5);
    expect(first.outputs.model.artifact).toMatchObject({
      name: "trained_model",
      version: "1",
      producer: { runId: first.id },
    });
    // Once is enough: equal content under the name is the version that is there.
    await there.run(named("trained_model"));
    expect((await client.artifacts.versions("trained_model").page()).items).toHaveLength(1);
    await there.run(named("trained_model"), { params: { "train.mse": 0.25 } });
    expect(await latest.get()).toEqual({ weight: 2.5 });
  });

  test("hold bytes that they share, whichever of the runs are deleted", async () => {
    const { client } = there;
    const ids = [await trainWith(0.5), await there.run(named("shared")), await there.run(named("shared"))].map(
      ({ id }) => id,
    );
    for (const id of ids.slice(0, 2)) {
      await client.runs.delete([id], { force: true });
      await client.collectGarbage({ force: true, olderThan: 0 });
      expect(await client.artifact("shared").get()).toEqual({ weight: 5 });
    }
    expect((await client.artifacts.get("shared")).version).toBe("1");
    await client.runs.delete(ids.slice(2), { force: true });
    await client.collectGarbage({ force: true, olderThan: 0 });
    await expect(client.artifact("shared").get()).rejects.toMatchObject({ code: "ARTIFACT_UNKNOWN" });
  });

  test.each([
    ["a b", "the name is"],
    [{ output: "fine", other: "x" }, "it names the output 'other'"],
  ])("%j is refused", async (artifact, said) => {
    const pipe = pipeline("refused", () => ({ model: train({}, {}, { artifact: artifact as string }) }));
    await expect(there.run(pipe)).rejects.toMatchObject({
      code: "STEP_INVALID",
      message: expect.stringContaining(said),
    });
  });
});

test("metadata is checked by the schema of the input that takes it, wherever the step runs", async () => {
  await trainWith(0.5);
  const strict = step({
    name: "strict",
    inputs: { mse: z.number().max(0.1) },
    run: ({ mse }) => mse,
  });
  const pipe = pipeline("checked", () => ({
    taken: strict({ mse: there.client.artifact("training.train").metadata<number>("MSE") }),
  }));
  const failed = await there.run(pipe, { throwOnFailure: false });
  expect(failed.failures[0]?.error).toMatchObject({ code: "METADATA_INVALID" });
});

describe("an optional reference", () => {
  const held = pipeline({ name: "held", model: { name: "held" }, body: () => ({ model: train() }) });
  const inProduction = () => there.client.model("held", { stage: "production" });
  const compare = pipeline("compare", () => ({
    other: give({ value: inProduction().artifact("held.train", { optional: true }) }),
  }));

  test("is null while nothing is in that stage, and what is there once something is", async () => {
    expect(await inProduction().artifact("held.train", { optional: true }).get()).toBeNull();
    expect(await (await there.run(compare)).outputs.other.load()).toBeNull();
    await there.run(held);
    expect(await (await there.run(compare)).outputs.other.load()).toBeNull();
    await there.client.models.setStage("held@1", "production");
    expect(await (await there.run(compare)).outputs.other.load()).toEqual({ weight: 5 });
    expect(await inProduction().artifact("held.train", { optional: true }).get()).toEqual({ weight: 5 });
  });

  test("to an artifact that the version does not hold is null, and without the option an error", async () => {
    await there.run(held);
    await there.client.models.setStage("held@1", "production");
    expect(await inProduction().artifact("held.other", { optional: true }).get()).toBeNull();
    await expect(inProduction().artifact("held.other").get()).rejects.toMatchObject({ code: "ARTIFACT_UNKNOWN" });
  });

  test("means nothing for a whole run, although something is put there meanwhile", async () => {
    await there.run(held);
    between = () => there.client.models.setStage("held@1", "production");
    const twice = pipeline("twice", () => {
      const maybe = inProduction().artifact("held.train", { optional: true });
      const first = give({ value: maybe }, {}, { name: "first" });
      return { last: give({ value: maybe }, {}, { name: "last", after: [wait({}, {}, { after: [first] })] }) };
    });
    expect(await (await there.run(twice)).outputs.last.load()).toBeNull();
  });
});
