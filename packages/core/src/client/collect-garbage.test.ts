import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { ArtifactVault } from "../artifacts/artifact-vault.js";
import { builtInSource } from "../artifacts/built-in-source.js";
import { removeAbandoned } from "../artifacts/scratch-directory.js";
import type { PlannedStep } from "../contracts/plan.js";
import { artifactId } from "../ledger/artifact-versions.js";
import { Ledger } from "../ledger/ledger.js";
import type { ArtifactVersionRecord, ElementRecord } from "../ledger/records.js";
import { holdLiterals } from "../program/literals.js";
import type { CacheKey } from "../runtime/cache-key.js";
import { CacheLookup } from "../runtime/cache-lookup.js";
import { KnownArtifacts } from "../runtime/known-artifacts.js";
import { ReferenceResolver } from "../runtime/resolve-references.js";
import type { RunContext } from "../runtime/run-context.js";
import { driverName } from "../runtime/session.js";
import { runId, sampleCommit, sampleRun, sampleStep, time } from "../testing/ledger-samples.js";
import { MemoryArtifactStore } from "../testing/memory-artifact-store.js";
import { MemoryMetadataStore } from "../testing/memory-metadata-store.js";
import { type Segment, Turns } from "../testing/turns.js";
import { collectGarbage, type GarbageOptions } from "./collect-garbage.js";
import type { Connection } from "./connection.js";
import { removeRuns } from "./remove-runs.js";

const soon = { force: true, olderThan: 0 };

/** Stores, and what works on them; of one task if turns are taken. */
class World {
  constructor(
    readonly metadata = new MemoryMetadataStore(),
    readonly artifacts = new MemoryArtifactStore(),
  ) {}

  async open(turns?: Turns, task = ""): Promise<{ ledger: Ledger; vault: ArtifactVault; connection: Connection }> {
    const { ledger, vault } = await this.#open(
      turns ? turns.store(task, this.metadata) : this.metadata,
      turns ? turns.store(task, this.artifacts) : this.artifacts,
    );
    const kernel = { project: { stateDirectory: "/nowhere" } };
    return { ledger, vault, connection: { ledger, kernel, vault: async () => vault } as unknown as Connection };
  }

  async #open(metadata: MemoryMetadataStore, store: MemoryArtifactStore) {
    const ledger = await Ledger.open(metadata, { project: "test" });
    return { ledger, vault: new ArtifactVault({ store, materializers: builtInSource(), root: `${ledger.id}/test` }) };
  }

  async collect(options: GarbageOptions = soon) {
    return collectGarbage((await this.open()).connection, options);
  }

  /** Every artifact that is on record as being there can be read. */
  async assertWhole(): Promise<void> {
    const { ledger, vault } = await this.open();
    for (const name of await ledger.artifactNames()) {
      for (const one of await ledger.artifactVersions(name)) {
        if (one.removed === undefined) expect(await vault.load(one), artifactId(one)).toBeDefined();
      }
    }
  }

  /** A run with an artifact, an element of a map, and both in the cache. */
  async made(number: number, tags: readonly string[] = []): Promise<ArtifactVersionRecord> {
    const { ledger, vault } = await this.open();
    await ledger.startRun(sampleRun(number), driverName());
    const saved = await vault.save({ made: "by", number }, { location: vault.location("penguins.fit") });
    const commit = sampleCommit(number, "fit", { cacheKey: keys.fit.key });
    const { artifacts } = commit;
    const result = await ledger.commitStep({
      ...commit,
      artifacts: { output: { ...artifacts.output, ...saved, name: "penguins.fit", tags } },
    } as typeof commit);
    const place = vault.location("penguins.map");
    const { location, type, materializer, format, size, digest } = await vault.save([number], { location: place });
    const elements = { output: { location, type, materializer, format, size, digest } };
    await ledger.commitStep({
      ...sampleCommit(number, "map[0]", { cacheKey: keys.element.key, elements }),
      artifacts: {},
    });
    await ledger.endSession(runId(number), 1, { status: "succeeded", ended: time, durationMs: 1 });
    if (!result.committed) throw new Error("not committed");
    return result.artifacts.output as ArtifactVersionRecord;
  }

  async deleteRun(number: number): Promise<void> {
    await removeRuns((await this.open()).connection, [runId(number)], { force: true });
  }
}

const keys = { fit: cacheKeyOf("fit"), element: cacheKeyOf("element") };

function cacheKeyOf(name: string): CacheKey {
  return { key: `sha256:${name}`, parts: {} };
}

let there: World;
beforeEach(() => {
  there = new World();
});

describe("what is collected", () => {
  test("is what nothing refers to, and only if it is asked to be", async () => {
    const artifact = await there.made(1);
    expect(await there.collect()).toMatchObject({ artifacts: [], places: 0 });
    await there.deleteRun(1);
    const wouldBe = await there.collect({ olderThan: 0 });
    expect(wouldBe).toMatchObject({ removed: false, artifacts: [{ id: "penguins.fit@1" }], places: 2 });
    await there.assertWhole();
    expect(there.artifacts.objects.size).toBeGreaterThan(0);
    const was = await there.collect();
    expect(was).toEqual({ ...wouldBe, removed: true });
    expect(there.artifacts.objects.size).toBe(0);
    const { ledger } = await there.open();
    expect(await ledger.artifact(artifactId(artifact))).toMatchObject({ removed: expect.any(String) });
    expect(await ledger.cached([keys.fit.key])).toEqual([undefined]);
    expect(await there.collect()).toMatchObject({ artifacts: [], places: 0 });
  });

  test("leaves its number behind, so that no other version gets it", async () => {
    await there.made(1);
    await there.deleteRun(1);
    await there.collect();
    const { ledger } = await there.open();
    expect(await ledger.latestArtifact("penguins.fit")).toBeUndefined();
    expect(await ledger.latestArtifacts(["penguins.fit"])).toEqual([undefined]);
    expect(await there.made(2)).toMatchObject({ version: "2" });
    expect(await (await there.open()).ledger.latestArtifact("penguins.fit")).toMatchObject({ version: "2" });
  });

  test("is not what has a tag, or belongs to a model", async () => {
    await there.made(1, ["keep"]);
    await there.deleteRun(1);
    const { ledger, vault } = await there.open();
    await ledger.startRun(sampleRun(2), driverName());
    const model = await ledger.models.openFor(runId(2), { name: "churn", tags: [] });
    const saved = await vault.save("a", { location: vault.location("penguins.train") });
    const commit = sampleCommit(2, "train", { model });
    await ledger.commitStep({
      ...commit,
      artifacts: { output: { ...commit.artifacts.output, ...saved, name: "penguins.train" } },
    } as typeof commit);
    await ledger.endSession(runId(2), 1, { status: "succeeded", ended: time, durationMs: 1 });
    await there.deleteRun(2);
    expect(await there.collect()).toMatchObject({ artifacts: [], places: 1 });
    await there.assertWhole();
  });

  test("is not what a step of another run has taken, until that run is deleted too", async () => {
    const artifact = await there.made(1);
    const { ledger } = await there.open();
    await ledger.startRun(sampleRun(2), driverName());
    const inputs = { model: { artifact: artifactId(artifact), digest: artifact.digest } };
    await ledger.commitStep({ ...sampleCommit(2, "predict", { inputs, cacheKey: "sha256:p" }), artifacts: {} });
    await ledger.endSession(runId(2), 1, { status: "succeeded", ended: time, durationMs: 1 });
    await there.deleteRun(1);
    expect((await there.collect()).artifacts).toEqual([]);
    await there.deleteRun(2);
    expect((await there.collect()).artifacts).toEqual([{ id: "penguins.fit@1", size: artifact.size }]);
  });

  test("are bytes that no record names, once they are old enough to be nobody's work any more", async () => {
    const { vault } = await there.open();
    await vault.save("never committed", { location: vault.location("a") });
    expect(await there.collect({ force: true })).toMatchObject({ places: 0 });
    expect(await there.collect(soon)).toMatchObject({ places: 1 });
    expect(there.artifacts.objects.size).toBe(0);
  });

  test("are not the bytes that a step has stored in a run that goes on", async () => {
    const { ledger, vault } = await there.open();
    const created = new Date(Date.now() - 60_000).toISOString();
    await ledger.startRun(sampleRun(1, { created }), driverName());
    await vault.save("about to be committed", { location: vault.location("a") });
    expect(await there.collect(soon)).toMatchObject({ places: 0 });
  });

  test("is one artifact alone, if it is named: a literal that a run still uses is none", async () => {
    const { ledger, vault } = await there.open();
    const literal = async (name: string, content: string) => {
      const saved = await vault.save(content, { location: vault.location(name) });
      return ledger.addArtifact({ ...saved, name, tags: [] });
    };
    const used = await literal("input", "used");
    await literal("input", "unused");
    await literal("other", "unused");
    await ledger.startRun(sampleRun(1), driverName());
    await holdLiterals(runId(1), new Map([["input", used]]), async () => new Map(), { ledger, vault });
    expect(await there.collect({ force: true, artifacts: ["input"] })).toMatchObject({
      artifacts: [{ id: "input@2" }],
      places: 1,
    });
    await there.assertWhole();
    // Equal content is a new version: the old one is gone for good.
    expect(await literal("input", "unused")).toMatchObject({ version: "3" });
    expect(await literal("input", "unused")).toMatchObject({ version: "3" });
  });
});

test("a literal that took very long to store, and was swept before it was recorded, is stored again", async () => {
  const { ledger, vault } = await there.open();
  const store = async () => {
    const saved = await vault.save("slow", { location: vault.location("input") });
    const created = new Date(Date.now() + 3_600_000).toISOString();
    return { saved, record: () => ledger.addArtifact({ ...saved, name: "input", tags: [], created }, { again: true }) };
  };
  const first = await store();
  await there.collect(soon);
  const lost = await first.record();
  await ledger.startRun(sampleRun(1), driverName());
  const again = async (doomed: ReadonlySet<string>) => {
    expect([...doomed]).toEqual([artifactId(lost)]);
    return new Map([["input", await (await store()).record()]]);
  };
  const held = await holdLiterals(runId(1), new Map([["input", lost]]), again, { ledger, vault });
  expect(await vault.load(held.get("input") as ArtifactVersionRecord)).toBe("slow");
});

describe("a run", () => {
  test("that goes on is not deleted", async () => {
    const { ledger, connection } = await there.open();
    await ledger.startRun(sampleRun(1), driverName());
    await expect(removeRuns(connection, [runId(1)], { force: true })).rejects.toMatchObject({ code: "RUN_ACTIVE" });
    expect(await ledger.run(runId(1))).toBeDefined();
  });

  test("that was deleted leaves nothing behind but the fact, and cannot be resumed", async () => {
    await there.made(1);
    await there.deleteRun(1);
    const left = (await there.metadata.scan("")).filter(({ key }) => key.includes(runId(1)));
    expect(left.map(({ key }) => key.split("/").slice(2).join("/"))).toEqual([
      `deleted/${runId(1)}`,
      `session/${runId(1)}/000002/start`,
    ]);
    const { ledger } = await there.open();
    expect(await ledger.runs()).toEqual([]);
    await expect(ledger.beginSession(runId(1), driverName())).rejects.toMatchObject({ code: "RUN_UNKNOWN" });
  });

  test("whose deletion was killed at any moment is there as it was, or gone; the rest is finished by collecting", async () => {
    for (let calls = 0; ; calls++) {
      const world = new World();
      await world.made(1);
      const killed = await kill(calls, async (turns) => {
        const { connection } = await world.open(turns, "killed");
        await removeRuns(connection, [runId(1)], { force: true });
      });
      const run = await (await world.open()).ledger.run(runId(1));
      if (run) expect(run.status).toBe("succeeded");
      await world.assertWhole();
      await world.collect();
      const after = await (await world.open()).ledger.run(runId(1));
      const gone = after === undefined;
      const left = (await world.metadata.scan("")).filter(({ key }) => key.includes(runId(1))).length;
      expect([gone, gone ? left : 2]).toEqual([gone, 2]);
      if (!killed) return;
    }
  });
});

test("a collector that was killed at any moment leaves no half-truth, and the next one completes its work", async () => {
  for (let calls = 0; ; calls++) {
    const world = new World();
    await world.made(1);
    await world.deleteRun(1);
    await world.made(2);
    const killed = await kill(calls, async (turns) => {
      await collectGarbage((await world.open(turns, "killed")).connection, soon);
    });
    await world.assertWhole();
    if (killed && calls > 4) await expect(world.collect()).rejects.toMatchObject({ code: "STORE_BEING_COLLECTED" });
    await world.collect({ ...soon, takeOver: true });
    await world.assertWhole();
    const { ledger, vault } = await world.open();
    const places = [];
    for await (const { location } of vault.places()) places.push(location);
    expect(places).toHaveLength(2);
    expect(await ledger.artifact("penguins.fit@1")).toMatchObject({ removed: expect.any(String) });
    expect((await ledger.artifact("penguins.fit@2"))?.removed).toBeUndefined();
    if (!killed) return;
  }
});

test("two collectors do not work at once", async () => {
  await there.made(1);
  await there.deleteRun(1);
  const turns = new Turns([{ task: "first", calls: 6 }]);
  const outcomes = await Promise.allSettled(
    ["first", "second"].map(async (task) =>
      turns.run(task, async () => collectGarbage((await there.open(turns, task)).connection, soon)),
    ),
  );
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  expect(outcomes[1]).toMatchObject({ reason: { code: "STORE_BEING_COLLECTED" } });
});

/** A run that wants to use what the collector wants to remove, and records it if it did. */
type User = (world: World, turns: Turns, artifact: ArtifactVersionRecord) => Promise<void>;

const users: Record<string, User> = {
  "a cache hit that was expected": async (world, turns) => {
    const { run, lookup } = await cacheOf(world, turns);
    await lookup.prefetch();
    const hits = Object.entries(keys).map(([name, cache]) => {
      const hit = lookup.expected({ cache, policy: { enabled: true } });
      return hit && { name, hit };
    });
    await record(
      run,
      hits.filter((one) => one !== undefined),
    );
  },
  "a cache hit": async (world, turns) => {
    const { run, lookup } = await cacheOf(world, turns);
    const names = Object.keys(keys);
    const hits = await lookup.find(Object.values(keys).map((cache) => ({ cache, policy: { enabled: true } })));
    await record(
      run,
      hits.flatMap((hit, place) => (hit ? [{ name: names[place] as string, hit }] : [])),
    );
  },
  "a reference": async (world, turns, artifact) => {
    const { run } = await cacheOf(world, turns);
    const step = {
      inputs: { model: { from: "reference", reference: { artifact: artifact.name } } },
    } as unknown as PlannedStep;
    const resolving = new ReferenceResolver(run).ofStep(step);
    const found = await resolving.catch((error: { code: string }) => {
      expect(error.code).toMatch(/^ARTIFACT_(MISSING|UNKNOWN)$/);
    });
    const [input] = [...(found?.values() ?? [])];
    if (input === undefined) return;
    const commit = sampleCommit(2, "predict", { inputs: { model: input.input }, cacheKey: "sha256:p" });
    await run.ledger.commitStep({ ...commit, artifacts: {} });
  },
  "a literal": async (world, turns, artifact) => {
    const { run } = await cacheOf(world, turns);
    const { ledger, vault } = run;
    // As if the run had found the literal before: its content is what counts.
    const again = async () => {
      const saved = await vault.save({ made: "by", number: 1 }, { location: vault.location(artifact.name) });
      const added = await ledger.addArtifact({ ...saved, name: artifact.name, tags: [] }, { again: true });
      return new Map([["literal", added]]);
    };
    const held = await holdLiterals(run.id, new Map([["literal", artifact]]), again, { ledger, vault });
    const used = held.get("literal") as ArtifactVersionRecord;
    const inputs = { model: { artifact: artifactId(used), digest: used.digest } };
    const commit = sampleCommit(2, "predict", { inputs, cacheKey: "sha256:p" });
    await ledger.commitStep({ ...commit, artifacts: {} });
  },
};

async function cacheOf(world: World, turns: Turns): Promise<{ run: RunContext; lookup: CacheLookup }> {
  const { ledger, vault } = await world.open(turns, "user");
  const run = {
    id: runId(2),
    ledger,
    vault,
    planDigest: "sha256:plan",
    plan: { pipeline: "penguins" },
    artifacts: new KnownArtifacts(ledger),
  } as unknown as RunContext;
  return { run, lookup: new CacheLookup(run) };
}

async function record(
  { ledger }: RunContext,
  hits: readonly { readonly name: string; readonly hit: NonNullable<ReturnType<CacheLookup["expected"]>> }[],
): Promise<void> {
  const steps = hits.map(({ name, hit }) =>
    sampleStep(2, name, {
      status: "cached",
      outputs: Object.fromEntries(Object.entries(hit.artifacts).map(([output, one]) => [output, artifactId(one)])),
      ...(hit.elements && { elements: hit.elements }),
    }),
  );
  await ledger.recordSteps(steps, 1);
}

describe("whatever the order in which they call the stores", () => {
  test.each(Object.entries(users))(
    "%s and a collector get along: what a run uses keeps its bytes",
    async (_, use) => {
      const count = async () => {
        const turns = new Turns([]);
        await together(turns, use);
        return turns.calls;
      };
      const calls = await count();
      const outcomes = { used: 0, removed: 0 };
      for (const [first, second] of [
        ["user", "collector"],
        ["collector", "user"],
      ] as const) {
        // One is stopped before each of its calls, the other then makes any number of its own before the first goes on.
        for (let before = 0; before <= (calls.get(first) as number) + 2; before++) {
          for (let between = 1; between <= (calls.get(second) as number) + 2; between++) {
            const segments: Segment[] = [
              { task: first, calls: before },
              { task: second, calls: between },
              { task: first, calls: Number.POSITIVE_INFINITY },
            ];
            const { used, removed } = await together(new Turns(segments), use);
            if (used) outcomes.used += 1;
            if (removed) outcomes.removed += 1;
            expect(used && removed, JSON.stringify(segments)).toBe(false);
          }
        }
      }
      // Both come about, or nothing was tried.
      expect(Math.min(outcomes.used, outcomes.removed)).toBeGreaterThan(10);
    },
    120_000,
  );
});

async function together(turns: Turns, use: User): Promise<{ used: boolean; removed: boolean }> {
  const world = new World();
  const artifact = await world.made(1);
  await world.deleteRun(1);
  await (await world.open()).ledger.startRun(sampleRun(2, { created: new Date().toISOString() }), driverName());
  await Promise.all([
    turns.run("user", () => use(world, turns, artifact)),
    turns.run("collector", async () => collectGarbage((await world.open(turns, "collector")).connection, soon)),
  ]);
  await world.assertWhole();
  const { ledger, vault } = await world.open();
  const elements = (await ledger.stepRuns(runId(2))).flatMap((step) => Object.values(step.elements ?? {}));
  for (const element of elements as ElementRecord[]) expect(await vault.load(element)).toEqual([1]);
  const removed = (await ledger.artifact(artifactId(artifact)))?.removed !== undefined;
  const given = (await ledger.stepRuns(runId(2))).flatMap(({ outputs }) => Object.values(outputs));
  const consumed = (await ledger.consumers(artifactId(artifact))).some((one) => one.runId === runId(2));
  return { used: consumed || given.includes(artifactId(artifact)), removed };
}

/** Makes all calls after the first so many fail. False if the work was done before. */
async function kill(calls: number, work: (turns: Turns) => Promise<void>): Promise<boolean> {
  const turns = new Turns([
    { task: "killed", calls },
    { task: "nobody", calls: Number.POSITIVE_INFINITY },
  ]);
  const ended = turns.run("killed", () => work(turns)).then(() => "ended");
  return (await Promise.race([ended, turns.stuck])) !== "ended";
}

test("temporary directories of processes that are no more are deleted, those of others are not", async () => {
  const parent = mkdtempSync(join(tmpdir(), "garbage-"));
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  const old = new Date(Date.now() - 100_000);
  const make = (name: string, time?: Date) => {
    mkdirSync(join(parent, name));
    if (time) utimesSync(join(parent, name), time, time);
    return join(parent, name);
  };
  const dead = make(`tenon-${pid}-abcdef`, old);
  make(`tenon-${pid}-young1`);
  make(`tenon-${process.pid}-abcdef`, old);
  make("tenon-store-abcdef", old);
  expect(await removeAbandoned(50_000, false, parent)).toEqual([dead]);
  expect(await removeAbandoned(50_000, true, parent)).toEqual([dead]);
  expect(await removeAbandoned(50_000, true, parent)).toEqual([]);
  rmSync(parent, { recursive: true });
});

describe("packed code", () => {
  const bundle = (name: string) => name.repeat(64);
  const stored = async (world: World, name: string) => {
    const { ledger } = await world.open();
    await world.artifacts.write(`${ledger.id}/test/code/${bundle(name)}/bundle.tar`, Buffer.from("tar"));
    return ledger;
  };
  const there = async (world: World) => {
    const { ledger } = await world.open();
    const { entries } = await world.artifacts.list(`${ledger.id}/test/code/`);
    return entries.map(({ key }) => key.split("/").at(-2)?.[0]);
  };

  test("stays as long as a run that has packed it is on record", async () => {
    const world = new World();
    const ledger = await stored(world, "a");
    await stored(world, "b");
    await ledger.startRun(sampleRun(1), "driver");
    await ledger.code.saveBundle({ runId: runId(1), session: 1, digest: `sha256:${bundle("a")}` });
    expect(await world.collect({})).toMatchObject({ removed: false, places: 1, bytes: 3 });
    expect(await there(world)).toEqual(["a", "b"]);
    await world.collect();
    expect(await there(world)).toEqual(["a"]);
    await ledger.endSession(runId(1), 1, { status: "succeeded", ended: time, durationMs: 1 });
    await ledger.removal.runs.remove(runId(1));
    await world.collect();
    expect(await there(world)).toEqual([]);
  });

  test("stays if a run has just said that it takes it", async () => {
    const world = new World();
    const ledger = await stored(world, "a");
    const { id } = ledger;
    await ledger.startRun(sampleRun(1), "driver");
    await ledger.holds.take(runId(1), [], [`${id}/test/code/${bundle("a")}`]);
    await world.collect();
    expect(await there(world)).toEqual(["a"]);
  });
});
