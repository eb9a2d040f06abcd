import { describe, expect, test } from "vitest";
import { type Breakage, dyingMetadataStore } from "../testing/broken/failing-metadata-store.js";
import { runId, sampleArtifact, sampleCommit, sampleRun, sampleStep, time } from "../testing/ledger-samples.js";
import { MemoryMetadataStore } from "../testing/memory-metadata-store.js";
import { Ledger } from "./ledger.js";

const attempt = (stepId: string, number = 1) => ({ runId: runId(1), stepId, number, session: 1, started: time });

/** A run of everything that writes; the same cache key twice, so that its entry is replaced too. */
async function work(ledger: Ledger): Promise<void> {
  await ledger.savePlan("sha256:plan", "steps: []\n");
  await ledger.startRun(sampleRun(1, { tags: ["nightly"] }), "first");
  const rows = await ledger.addArtifact(sampleArtifact("rows", "r"));
  const inputs = { rows: { artifact: "rows@1", digest: rows.digest } };
  ledger.noteAttempt(attempt("load"));
  await ledger.commitStep(sampleCommit(1, "load", { inputs, cacheKey: "sha256:key" }));
  await ledger.startAttempt(attempt("fit"));
  await ledger.endAttempt(runId(1), "fit", 1, { outcome: "failed", ended: time, durationMs: 1 });
  await ledger.recordSteps([sampleStep(1, "fit", { status: "failed" }), sampleStep(1, "test", { status: "skipped" })]);
  await ledger.beat(runId(1), 1);
  await ledger.requestCancel(runId(1));
  await ledger.endSession(runId(1), 1, { status: "failed", ended: time, durationMs: 1 });
  await ledger.beginSession(runId(1), "second");
  await ledger.startAttempt({ ...attempt("fit", 2), session: 2 });
  await ledger.commitStep(sampleCommit(1, "fit", { attempt: 2, cacheKey: "sha256:key", inputs }));
  await ledger.recordSteps([sampleStep(1, "test", { status: "cached", cacheKey: "sha256:key" })]);
  await ledger.forgetCached("sha256:none");
  await ledger.endSession(runId(1), 2, { status: "succeeded", ended: time, durationMs: 1 });
}

/** Whatever is on record refers only to what is on record, and every way to look at it tells the same. */
async function checkConsistent(ledger: Ledger): Promise<void> {
  const runs = await ledger.runs();
  const [run] = runs;
  for (const status of ["running", "succeeded", "failed", "cancelled"] as const) {
    expect(await ledger.runs({ status })).toEqual(run?.status === status ? runs : []);
  }
  expect(await ledger.runs({ pipeline: "penguins" })).toEqual(runs);
  expect(await ledger.runs({ tag: "nightly" })).toEqual(runs);
  expect(await ledger.pipelines()).toEqual(runs.map(({ pipeline }) => pipeline));
  if (run) expect(await ledger.plan(run.plan)).toBeDefined();

  for (const name of await ledger.artifactNames()) {
    const versions = await ledger.artifactVersions(name);
    expect(versions.map(({ number }) => number)).toEqual(versions.map((_, index) => versions.length - index));
    expect(versions.length).toBeGreaterThan(0);
    for (const artifact of versions) {
      const { producer } = artifact;
      if (!producer) continue;
      const step = await ledger.stepRun(producer.runId, producer.stepId);
      expect(step).toMatchObject({
        status: "succeeded",
        outputs: { [producer.output]: `${name}@${artifact.version}` },
      });
    }
  }
  for (const step of await ledger.stepRuns(runId(1))) {
    expect(await ledger.artifacts(Object.values(step.outputs))).not.toContain(undefined);
    if (step.status === "succeeded") {
      expect((await ledger.attempt(runId(1), step.stepId, step.attempt))?.end?.outcome).toBe("committed");
      if (step.cacheKey) expect(await ledger.cached([step.cacheKey])).not.toContain(undefined);
      const taken = await ledger.consumers("rows@1");
      expect(taken.map(({ stepId }) => stepId)).toContain(step.stepId);
    }
  }
  for (const { end, ...one } of await ledger.attempts(runId(1))) {
    expect(one.started).toBe(time);
    const step = await ledger.stepRun(runId(1), one.stepId);
    if (end?.outcome === "committed") expect(step).toMatchObject({ status: "succeeded", attempt: one.number });
  }
  const [entry] = await ledger.cached(["sha256:key"]);
  if (entry) expect(await ledger.artifacts(Object.values(entry.outputs))).not.toContain(undefined);
  const hits = await ledger.expectedHits("sha256:plan", "penguins");
  for (const { outputs } of hits.entries.values()) {
    for (const id of Object.values(outputs)) expect(hits.artifacts.has(id)).toBe(true);
  }
}

describe.each<Breakage>(["before", "after"])("a process that dies right %s any of its writes", (breakage) => {
  test("leaves a ledger without half-truths, in which the run can be taken over and finished", async () => {
    for (let atWrite = 1; ; atWrite++) {
      const store = new MemoryMetadataStore();
      const dying = dyingMetadataStore(store, atWrite, breakage);
      const outcome = await Ledger.open(dying.store, { project: "p" })
        .then(work)
        .then(
          () => "finished",
          () => "died",
        );
      const ledger = await Ledger.open(store, { project: "p" });
      await checkConsistent(ledger);
      if (outcome === "finished" && !dying.died) {
        expect(atWrite).toBeGreaterThan(15);
        return;
      }
      if (!(await ledger.run(runId(1)))) continue;
      const { number } = await ledger.beginSession(runId(1), "heir");
      for (const { stepId, number: tried, end } of await ledger.attempts(runId(1))) {
        const revoked = { outcome: "revoked", ended: time, durationMs: 0 } as const;
        if (!end) expect(await ledger.endAttempt(runId(1), stepId, tried, revoked)).toBe(true);
      }
      if ((await ledger.stepRun(runId(1), "fit"))?.status !== "succeeded") {
        await ledger.addArtifact(sampleArtifact("rows", "r"));
        const inputs = { rows: { artifact: "rows@1", digest: "sha256:r" } };
        ledger.noteAttempt({ ...attempt("fit", 9), session: number });
        const result = await ledger.commitStep(sampleCommit(1, "fit", { attempt: 9, inputs, cacheKey: "sha256:key" }));
        expect(result.committed).toBe(true);
      }
      await ledger.endSession(runId(1), number, { status: "succeeded", ended: time, durationMs: 1 });
      await checkConsistent(ledger);
      expect((await ledger.run(runId(1)))?.status).toBe("succeeded");
    }
  });
});
