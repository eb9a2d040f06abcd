import { describe, expect, test } from "vitest";
import { runId, sampleArtifact, sampleCommit, sampleRun, sampleStep, time } from "../testing/ledger-samples.js";
import { MemoryMetadataStore } from "../testing/memory-metadata-store.js";
import { Ledger } from "./ledger.js";

async function ledgers(count: number): Promise<Ledger[]> {
  const store = new MemoryMetadataStore();
  return await Promise.all(Array.from({ length: count }, () => Ledger.open(store, { project: "p" })));
}

async function started(count = 1): Promise<Ledger[]> {
  const all = await ledgers(count);
  await all[0]?.startRun(sampleRun(1), "driver");
  return all;
}

const attempt = (number: number, stepId = "fit") => ({ runId: runId(1), stepId, number, session: 1, started: time });
const revoked = { outcome: "revoked", ended: time, durationMs: 0 } as const;

describe("committing a step", () => {
  test("makes the attempt's end, the step's outcome, its artifacts, their lineage and the cache entry known", async () => {
    const [ledger] = (await started()) as [Ledger];
    const rows = await ledger.addArtifact(sampleArtifact("rows", "r"));
    ledger.noteAttempt(attempt(1));
    const inputs = { rows: { artifact: "rows@1", digest: rows.digest } };
    const result = await ledger.commitStep(sampleCommit(1, "fit", { inputs }));

    if (!result.committed) throw new Error("it is not committed");
    const id = "penguins.fit@1";
    expect(result.step.outputs).toEqual({ output: id });
    expect(await ledger.stepRun(runId(1), "fit")).toEqual(result.step);
    expect(await ledger.artifact(id)).toMatchObject({
      name: "penguins.fit",
      version: "1",
      number: 1,
      digest: "sha256:1",
      producer: { runId: runId(1), stepId: "fit", output: "output" },
    });
    expect(await ledger.attempts(runId(1), "fit")).toEqual([
      { ...attempt(1), end: expect.objectContaining({ outcome: "committed" }) },
    ]);
    expect(await ledger.cached(["sha256:key-fit", "sha256:none"])).toEqual([
      { runId: runId(1), stepId: "fit", outputs: { output: id }, created: time },
      undefined,
    ]);
    expect(await ledger.consumers("rows@1")).toEqual([{ runId: runId(1), stepId: "fit", inputs: ["rows"] }]);
    expect(await ledger.artifactNames()).toEqual(["penguins.fit", "rows"]);
  });

  test("happens once: of many attempts that commit one step at once the first does, and the others leave nothing", async () => {
    const all = await started(10);
    const results = await Promise.all(
      all.map((ledger, index) => {
        ledger.noteAttempt(attempt(index + 1));
        return ledger.commitStep(sampleCommit(1, "fit", { attempt: index + 1, content: `${index}` }));
      }),
    );
    expect(results.filter(({ committed }) => committed)).toHaveLength(1);
    expect(await all[0]?.artifactVersions("penguins.fit")).toHaveLength(1);
    expect(await all[0]?.attempts(runId(1), "fit")).toHaveLength(10);
  });

  test("happens once even if an engine starts one and the same attempt twice", async () => {
    const all = await started(2);
    expect(await Promise.all(all.map((ledger) => ledger.startAttempt(attempt(1))))).toEqual([true, false]);
    const results = await Promise.all(all.map((ledger) => ledger.commitStep(sampleCommit(1, "fit"))));
    expect(results.map(({ committed }) => committed).sort()).toEqual([false, true]);
  });

  test("and revoking an attempt exclude each other, whichever comes first", async () => {
    for (let round = 0; round < 20; round++) {
      const [worker, driver] = (await started(2)) as [Ledger, Ledger];
      await worker.startAttempt(attempt(1));
      const commit = () => worker.commitStep(sampleCommit(1, "fit"));
      const revoke = () => driver.endAttempt(runId(1), "fit", 1, revoked);
      const [first, second] = round % 2 ? [commit(), revoke()] : [revoke(), commit()];
      const [a, b] = await Promise.all([first, second]);
      const committed = [a, b].some((result) => typeof result === "object" && result.committed);
      const wasRevoked = [a, b].includes(true as never);
      expect(committed).toBe(!wasRevoked);
      expect((await driver.stepRun(runId(1), "fit"))?.status).toBe(committed ? "succeeded" : undefined);
      expect(await driver.artifactVersions("penguins.fit")).toHaveLength(committed ? 1 : 0);
      expect(await driver.cached(["sha256:key-fit"])).toEqual([committed ? expect.anything() : undefined]);
    }
  });

  test("after another attempt was revoked succeeds", async () => {
    const [ledger] = (await started()) as [Ledger];
    await ledger.startAttempt(attempt(1));
    await ledger.endAttempt(runId(1), "fit", 1, revoked);
    ledger.noteAttempt(attempt(2));
    expect((await ledger.commitStep(sampleCommit(1, "fit", { attempt: 1 }))).committed).toBe(false);
    expect((await ledger.commitStep(sampleCommit(1, "fit", { attempt: 2 }))).committed).toBe(true);
    const ends = (await ledger.attempts(runId(1))).map(({ number, end }) => [number, end?.outcome]);
    expect(ends).toEqual([
      [1, "revoked"],
      [2, "committed"],
    ]);
  });

  test("with a cache key that is taken makes the newer outputs the ones that are found", async () => {
    const [ledger] = (await started()) as [Ledger];
    await ledger.startRun(sampleRun(2), "driver");
    await ledger.commitStep(sampleCommit(1, "fit"));
    await ledger.commitStep(sampleCommit(2, "fit", { content: "2" }));
    const [entry] = await ledger.cached(["sha256:key-fit"]);
    expect(entry).toMatchObject({ runId: runId(2), outputs: { output: "penguins.fit@2" } });
    await ledger.forgetCached("sha256:key-fit");
    expect(await ledger.cached(["sha256:key-fit"])).toEqual([undefined]);
  });

  test("numbers two outputs of one artifact name one after the other", async () => {
    const [ledger] = (await started()) as [Ledger];
    const artifacts = { b: sampleArtifact("same", "b"), a: sampleArtifact("same", "a") };
    const result = await ledger.commitStep({ ...sampleCommit(1, "fit"), artifacts });
    expect(result.committed && result.step.outputs).toEqual({ b: "same@1", a: "same@2" });
  });

  test("fails if the attempt's start could not be written", async () => {
    const store = new MemoryMetadataStore();
    const ledger = await Ledger.open(store, { project: "p" });
    const insert = store.insert.bind(store);
    store.insert = () => Promise.reject(new Error("no connection"));
    void ledger.startAttempt(attempt(1)).catch(() => {});
    store.insert = insert;
    await expect(ledger.commitStep(sampleCommit(1, "fit"))).rejects.toThrow("no connection");
    expect(await ledger.stepRun(runId(1), "fit")).toBeUndefined();
  });
});

describe("ten publishers of one artifact", () => {
  test("get the versions 1 to 100, none lost and none doubled", async () => {
    const all = await ledgers(10);
    const published = await Promise.all(
      all.map(async (ledger, publisher) => {
        const versions: number[] = [];
        for (let round = 0; round < 10; round++) {
          const added = await ledger.addArtifact(sampleArtifact("rows", `${publisher}-${round}`));
          versions.push(added.number);
        }
        return versions;
      }),
    );
    for (const versions of published) expect(versions).toEqual(versions.toSorted((a, b) => a - b));
    const numbers = published.flat().sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    const listed = await all[0]?.artifactVersions("rows", { limit: 200 });
    expect(listed?.map(({ number }) => number)).toEqual(numbers.toReversed());
  });

  test("that bring the same content get the same version", async () => {
    const all = await ledgers(10);
    const versions = await Promise.all(all.map((ledger) => ledger.addArtifact(sampleArtifact("rows", "same"))));
    expect(new Set(versions.map(({ number }) => number))).toEqual(new Set([1]));
    const again = await all[0]?.addArtifact(sampleArtifact("rows", "same"), { again: true });
    expect(again?.number).toBe(2);
    expect((await all[1]?.addArtifact(sampleArtifact("rows", "same")))?.number).toBe(2);
  });
});

describe("outcomes that are no commits", () => {
  test("are written together, and found in the order in which they started", async () => {
    const [ledger] = (await started()) as [Ledger];
    const steps = [
      sampleStep(1, "late", { status: "failed", started: "2026-01-02T03:04:07.000Z" }),
      sampleStep(1, "early", { status: "cached", attempt: 0, cachedFrom: runId(0) }),
      sampleStep(1, "each[3]", { status: "skipped", attempt: 0, started: "2026-01-02T03:04:08.000Z" }),
    ];
    expect(await ledger.recordSteps(steps)).toEqual([]);
    expect((await ledger.stepRuns(runId(1))).map(({ stepId }) => stepId)).toEqual(["early", "late", "each[3]"]);
  });

  test("do not undo a commit, and say so", async () => {
    const [ledger] = (await started()) as [Ledger];
    await ledger.commitStep(sampleCommit(1, "fit"));
    const others = [sampleStep(1, "fit", { status: "cached" }), sampleStep(1, "load", { status: "cached" })];
    expect(await ledger.recordSteps(others)).toEqual(["fit"]);
    await ledger.recordSteps([sampleStep(1, "fit", { status: "failed" })]);
    expect((await ledger.stepRuns(runId(1))).map(({ stepId, status }) => [stepId, status])).toEqual([
      ["fit", "succeeded"],
      ["load", "cached"],
    ]);
  });

  test("of a failed step give way to what a later session makes of it", async () => {
    const [ledger] = (await started()) as [Ledger];
    const outcome = async () => (await ledger.stepRun(runId(1), "fit"))?.status;
    await ledger.recordSteps([sampleStep(1, "fit", { status: "failed" })]);
    expect(await outcome()).toBe("failed");
    await ledger.beginSession(runId(1), "second");
    await ledger.recordSteps([sampleStep(1, "fit", { status: "cancelled", attempt: 2 })]);
    expect(await outcome()).toBe("cancelled");
    await ledger.beginSession(runId(1), "third");
    await ledger.commitStep(sampleCommit(1, "fit", { attempt: 3 }));
    expect(await outcome()).toBe("succeeded");
    expect(await ledger.stepRuns(runId(1))).toHaveLength(1);
  });
});

describe("what a run is expected to find in the cache", () => {
  test("is what the last run of the plan went by, read in three queries", async () => {
    const store = new MemoryMetadataStore();
    const ledger = await Ledger.open(store, { project: "p" });
    await ledger.startRun(sampleRun(1), "driver");
    for (let step = 0; step < 30; step++) await ledger.commitStep(sampleCommit(1, `step_${step}`));
    await ledger.endSession(runId(1), 1, { status: "succeeded", ended: time, durationMs: 1 });
    let reads = 0;
    for (const name of ["get", "getMany", "scan"] as const) {
      const read = store[name].bind(store) as (...parameters: never[]) => Promise<never>;
      store[name] = (...parameters: never[]) => {
        reads += 1;
        return read(...parameters);
      };
    }
    const hits = await ledger.expectedHits("sha256:plan", "penguins");
    expect(reads).toBe(3);
    expect(hits.entries.get("sha256:key-step_7")?.outputs).toEqual({ output: "penguins.step_7@1" });
    expect(hits.artifacts.get("penguins.step_29@1")?.digest).toBe("sha256:1");
    expect(hits.entries.size).toBe(30);
  });

  test("falls back on the pipeline's last run, and leaves out what was forgotten since", async () => {
    const [ledger] = (await started()) as [Ledger];
    await ledger.commitStep(sampleCommit(1, "a"));
    await ledger.recordSteps([sampleStep(1, "b", { status: "cached", cacheKey: "sha256:key-b" })]);
    await ledger.commitStep(sampleCommit(1, "c"));
    await ledger.endSession(runId(1), 1, { status: "failed", ended: time, durationMs: 1 });
    await ledger.forgetCached("sha256:key-c");
    const hits = await ledger.expectedHits("sha256:other", "penguins");
    expect([...hits.entries.keys()]).toEqual(["sha256:key-a"]);
    expect((await ledger.expectedHits("sha256:other", "iris")).entries.size).toBe(0);
  });
});
