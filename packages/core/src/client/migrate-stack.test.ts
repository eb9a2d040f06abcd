import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import type { ArtifactStore } from "../contracts/artifact-store.js";
import { defineArtifactStore, defineMetadataStore } from "../contracts/component.js";
import type { MetadataStore } from "../contracts/metadata-store.js";
import type { Kernel } from "../kernel/kernel.js";
import { openKernel } from "../kernel/open-kernel.js";
import { type Stack, stack } from "../kernel/stack-definition.js";
import { Ledger } from "../ledger/ledger.js";
import { html, json } from "../materializers/types.js";
import { map } from "../pipeline/map.js";
import { pipeline } from "../pipeline/pipeline.js";
import { step } from "../pipeline/step.js";
import { each } from "../pipeline/wire.js";
import { driverName } from "../runtime/session.js";
import { MemoryArtifactStore } from "../testing/memory-artifact-store.js";
import { MemoryMetadataStore } from "../testing/memory-metadata-store.js";
import { MemoryProject } from "../testing/memory-project.js";
import { Client } from "./client.js";
import { migrateStack } from "./migrate-stack.js";

// Following the code of the steps takes long once, and the longer the busier the machine is.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const fit = step({
  name: "fit",
  params: z.object({ error: z.number().default(0.5) }),
  output: json,
  tags: ["fitted"],
  run: (_: Record<never, never>, { params, model, metadata }) => {
    model?.metadata({ error: params.error });
    metadata.step({ threads: 2 });
    return { error: params.error };
  },
});
const picture = step({ name: "picture", output: html, run: (_: Record<never, never>) => "<b>a picture</b>" });
const numbers = step({ name: "numbers", run: (_: Record<never, never>) => [1, 2, 3] });
const scaled = step({
  name: "scaled",
  run: ({ number, by }: { number: number; by: unknown }) => number * 2 * (by as { error: number }).error,
});
const churn = pipeline({
  name: "churn",
  model: { name: "churn" },
  tags: ["nightly"],
  body: () => {
    const fitted = fit();
    return { fitted, doubled: map(scaled, { number: each(numbers()), by: fitted }), picture: picture() };
  },
});

let source: MemoryProject;
let kernel: Kernel;
let runId: string;

beforeAll(async () => {
  source = new MemoryProject();
  kernel = await openKernel({ cwd: source.root });
  ({ id: runId } = await source.run(churn));
  await source.run(churn);
  await source.client.models.setStage("churn@1", "production");
});
afterAll(async () => {
  await source.dispose();
  await kernel.dispose();
});

class Target {
  readonly metadata = new MemoryMetadataStore();
  readonly artifacts = new MemoryArtifactStore();
  readonly stack = stackOver("target", this.metadata, this.artifacts);
}

function stackOver(name: string, metadata: MetadataStore, artifacts: ArtifactStore): Stack {
  const config = z.object({});
  const component = (create: () => unknown) => ({ flavor: "memory", config, load: async () => ({ create }) as never });
  return stack({
    name,
    artifactStore: defineArtifactStore(component(() => artifacts))(),
    metadataStore: defineMetadataStore(component(() => metadata))(),
  } as never);
}

const migrate = (to: Stack, options = {}, from: Stack = source.stack) => migrateStack(kernel, from, to, options);

async function everything(store: MetadataStore): Promise<Record<string, unknown>> {
  const records = await store.scan("p/", { limit: 100_000 });
  const kept = records.filter(({ key }) => !/^p\/[^/]+\/(beat|collector|doomed-place|held)\//.test(key));
  return Object.fromEntries(kept.map(({ key, value }) => [key, value]));
}

/** What the ids of the two ledgers do not make different. */
async function same(one: MetadataStore, other: MetadataStore) {
  const id = async (store: MetadataStore) => (await Ledger.open(store, { project: "memory" })).id;
  const [from, to] = [await id(one), await id(other)];
  const expected = Object.entries(await everything(one));
  return {
    from: Object.fromEntries(expected.map(([key, value]) => [key, (value as string).replaceAll(from, to)])),
    to: await everything(other),
  };
}

describe("a migration", () => {
  test("says first what it would do, and writes nothing of it", async () => {
    const { stack, metadata, artifacts } = new Target();
    const migration = await migrate(stack);
    expect(migration).toMatchObject({ moved: false, runs: 2, models: 1, damaged: [] });
    expect(migration.places.total).toBe(migration.places.missing);
    expect(migration.records.missing).toBe(migration.records.total);
    expect(migration.bytes).toBeGreaterThan(0);
    expect(await metadata.scan("p/")).toEqual([]);
    expect(artifacts.objects.size).toBe(0);
  });

  test("moves every record and every byte; ids, versions, tags, stages and lineage are the same", async () => {
    const { stack, metadata } = new Target();
    await migrate(stack, { force: true, verify: true });
    const { from, to } = await same(source.metadata, metadata);
    expect(to).toEqual(from);
    const client = new Client({ directory: source.root, stack });
    const run = await client.runs.get(runId);
    expect(run).toMatchObject({ status: "succeeded", tags: ["nightly"] });
    expect(await run.outputs.doubled?.load()).toEqual([1, 2, 3]);
    expect(await run.outputs.fitted?.load()).toEqual({ error: 0.5 });
    const artifact = await client.artifacts.get("churn.fit@1");
    expect(artifact).toMatchObject({ tags: ["fitted"], producer: { runId } });
    const id = (await Ledger.open(metadata, { project: "memory" })).id;
    expect(artifact.uri).toMatch(new RegExp(`${id}/memory/artifacts/\\w{7}/churn\\.fit@`));
    expect(await client.models.get("churn@production")).toMatchObject({ version: "1", metadata: { error: 0.5 } });
    const [before, after] = await Promise.all([source.client.lineage("churn.fit@1"), client.lineage("churn.fit@1")]);
    expect(after).toEqual(before);
    const pictures = await (await client.artifacts.get("churn.picture@1")).visualize();
    expect(pictures).toEqual(await (await source.client.artifacts.get("churn.picture@1")).visualize());
    expect(await client.planText(run.plan)).toBe(await source.client.planText(run.plan));
    await client.close();
  });

  test("leaves nothing to a collector, and finds nothing to do the second time", async () => {
    const { stack } = new Target();
    await migrate(stack, { force: true });
    expect(await migrate(stack)).toMatchObject({ records: { missing: 0 }, places: { missing: 0 }, bytes: 0 });
    const client = new Client({ directory: source.root, stack });
    const garbage = await client.collectGarbage({ force: true, olderThan: 0 });
    expect(garbage).toMatchObject({ artifacts: [], places: 0 });
    await client.close();
  });

  test("that is killed at any write is completed by the next one", async () => {
    const { stack, metadata, artifacts } = new Target();
    await migrate(stack, { force: true });
    const whole = await everything(metadata);
    const objects = artifacts.objects.size;
    for (let writes = 1, died = true; died; writes += 3) {
      const target = new Target();
      const mortal = new Mortal(writes);
      const dying = stackOver("target", mortal.of(target.metadata), mortal.of(target.artifacts));
      await migrate(dying, { force: true }).catch((error) => expect(error).toBe(death));
      died = mortal.dead;
      await migrate(target.stack, { force: true });
      expect(Object.keys(await everything(target.metadata))).toEqual(Object.keys(whole));
      const { from, to } = await same(source.metadata, target.metadata);
      expect(to).toEqual(from);
      expect(target.artifacts.objects.size).toBe(objects);
    }
  });

  test("that was killed keeps collectors away until it is done", async () => {
    const target = new Target();
    const mortal = new Mortal(40);
    const dying = stackOver("target", mortal.of(target.metadata), mortal.of(target.artifacts));
    await expect(migrate(dying, { force: true })).rejects.toBe(death);
    const client = new Client({ directory: source.root, stack: target.stack });
    const collect = () => client.collectGarbage({ force: true, olderThan: 0 });
    await expect(collect()).rejects.toMatchObject({ code: "STORE_BEING_COLLECTED" });
    await migrate(target.stack, { force: true });
    expect(await collect()).toMatchObject({ artifacts: [], places: 0 });
    await client.close();
  });

  test("names every artifact whose bytes are damaged or gone, and moves no record", async () => {
    const { stack: from, artifacts } = await copyOfSource();
    const file = [...artifacts.objects.keys()].find((key) => /churn\.fit@.*artifact$/.test(key)) as string;
    const text = new TextDecoder().decode(artifacts.objects.get(file));
    artifacts.objects.set(file, new TextEncoder().encode(text.replace(/\n.*/, '\n{"error":0.4}')));
    const gone = [...artifacts.objects.keys()].find((key) => /churn\.picture@.*artifact$/.test(key)) as string;
    artifacts.objects.delete(gone);
    const target = new Target();
    const failure = migrate(target.stack, { force: true }, from);
    await expect(failure).rejects.toMatchObject({
      code: "ARTIFACT_CORRUPT",
      details: {
        damaged: expect.arrayContaining([
          expect.objectContaining({ artifact: expect.stringMatching(/^churn\.fit@/) }),
          expect.objectContaining({ artifact: expect.stringMatching(/^churn\.picture@/) }),
        ]),
      },
    });
    expect(await everything(target.metadata)).toEqual({});
    const { damaged } = await migrate(target.stack, { force: true, skipDamaged: true }, from);
    expect(damaged.map(({ error }) => error.code).sort()).toEqual(["ARTIFACT_CORRUPT", "ARTIFACT_MISSING"]);
  });

  test("that verifies mends what was damaged in the other stack", async () => {
    const { stack, artifacts } = new Target();
    await migrate(stack, { force: true });
    const whole = new Map(artifacts.objects);
    const files = [...whole.keys()].filter((key) => /churn\.fit@/.test(key));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) artifacts.objects.set(file, new Uint8Array([1, 2, 3]));
    await migrate(stack, { force: true, verify: true });
    expect(artifacts.objects).toEqual(whole);
  });

  test("moves with the runs what they hold of others", async () => {
    const { stack, metadata } = new Target();
    await migrate(stack, { force: true });
    const held = async (store: MetadataStore) => (await store.scan("p/memory/held/")).map(({ value }) => value);
    expect(await held(source.metadata)).not.toEqual([]);
    expect(await held(metadata)).toEqual(await held(source.metadata));
    const ledger = await Ledger.open(metadata, { project: "memory" });
    const element = (await ledger.artifact("churn.scaled@1"))?.elements?.[0]?.location as string;
    expect(await ledger.removal.places.doom(element)).toBe(false);
  });

  test("is refused where the other stack holds something else under a name", async () => {
    const target = new MemoryProject();
    await target.run(churn, { params: { "fit.error": 0.1 } } as never);
    await expect(migrate(target.stack, { force: true })).rejects.toMatchObject({
      code: "STACK_OCCUPIED",
      found: expect.stringContaining("the artifact churn.fit@1"),
    });
    await target.dispose();
  });

  test("goes into a stack that holds other things", async () => {
    const target = new MemoryProject();
    await target.run(pipeline({ name: "other", body: () => ({ picture: picture() }) }));
    await migrate(target.stack, { force: true });
    expect(await target.client.pipelines()).toEqual(["churn", "other"]);
    await target.dispose();
  });

  test("is refused while a run goes on, and into the stack that it comes from", async () => {
    const { stack: from, metadata } = await copyOfSource();
    const ledger = await Ledger.open(metadata, { project: "memory" });
    const { id: _, ...run } = (await ledger.run(runId)) as never as { id: string };
    await ledger.startRun({ ...run, id: "01ZZZZZZZZZZZZZZZZZZZZZZZZ" } as never, driverName());
    await expect(migrate(new Target().stack, {}, from)).rejects.toMatchObject({ code: "RUN_ACTIVE" });
    await expect(migrate(source.stack)).rejects.toMatchObject({ code: "STACK_MISMATCHED" });
  });

  test("tells how far it has come", async () => {
    const seen: string[] = [];
    const { bytes } = await migrate(new Target().stack, {
      force: true,
      onProgress: (progress: { doing: string; done: number; total: number; bytes: number }) =>
        seen.push(`${progress.doing} ${progress.done} of ${progress.total}, ${progress.bytes}`),
    });
    expect(seen.some((line) => new RegExp(`^copying bytes (\\d+) of \\1, ${bytes}$`).test(line))).toBe(true);
    expect(seen.at(-1)).toMatch(/^copying records (\d+) of \1,/);
  });
});

describe("an artifact that is copied", () => {
  test("is a version of its own in the other stack, with all that belongs to it, and is not collected", async () => {
    const { stack } = new Target();
    const copied = await source.client.copyArtifact("churn.scaled@1", stack);
    expect(copied).toMatchObject({ copied: true, id: "churn.scaled@1", known: false });
    expect(await source.client.copyArtifact("churn.scaled@1", stack)).toMatchObject({ copied: false, known: true });
    const client = new Client({ directory: source.root, stack });
    await client.collectGarbage({ force: true, olderThan: 0 });
    const artifact = await client.artifacts.get("churn.scaled");
    expect(await artifact.load()).toEqual([1, 2, 3]);
    expect(artifact.tags).toEqual([expect.stringMatching(/^copied:.*\/churn\.scaled@1$/)]);
    await client.close();
  });

  test("is only looked at in a dry run", async () => {
    const { stack, metadata, artifacts } = new Target();
    const copied = await source.client.copyArtifact("churn.fit", stack, { dryRun: true });
    expect(copied).toMatchObject({ copied: false, artifact: expect.stringMatching(/^churn\.fit@/) });
    expect(copied.id).toBeUndefined();
    expect(await metadata.scan("p/")).toEqual([]);
    expect(artifacts.objects.size).toBe(0);
  });
});

const death = new Error("killed");

/** After so many writes nothing answers any more, as it is for a process that was killed. */
class Mortal {
  dead = false;

  constructor(private writes: number) {}

  of<S extends object>(store: S): S {
    return new Proxy(store, {
      get: (target, name) => {
        const value = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        return (...given: unknown[]) => {
          if (name !== "uri" && /^(write|insert|put|delete)$/.test(String(name)) && this.writes-- <= 0)
            this.dead = true;
          if (this.dead && name !== "uri") {
            if (name === "read") throw death;
            return Promise.reject(death);
          }
          return value.apply(target, given);
        };
      },
    });
  }
}

/** Stores with the same content, to be altered. */
async function copyOfSource() {
  const metadata = new MemoryMetadataStore();
  await metadata.put(await source.metadata.scan("", { limit: 100_000 }));
  const artifacts = new MemoryArtifactStore(new Map(source.artifacts.objects));
  return { metadata, artifacts, stack: stackOver("copy", metadata, artifacts) };
}
