import { describe, expect, test } from "vitest";
import { runId, sampleRun, time } from "../testing/ledger-samples.js";
import { MemoryMetadataStore } from "../testing/memory-metadata-store.js";
import { Ledger } from "./ledger.js";
import type { SessionEnd } from "./records.js";

const open = (store = new MemoryMetadataStore()) => Ledger.open(store, { project: "p" });
const ended = (status: SessionEnd["status"]): SessionEnd => ({ status, ended: time, durationMs: 5 });

describe("runs", () => {
  test("are listed newest first, with their status", async () => {
    const ledger = await open();
    for (const number of [1, 2, 3]) await ledger.startRun(sampleRun(number), "driver");
    await ledger.endSession(runId(1), 1, ended("succeeded"));
    await ledger.endSession(runId(2), 1, {
      ...ended("failed"),
      error: { code: "STEP_FAILED", message: "no", causes: [] },
    });
    const runs = await ledger.runs();
    expect(runs.map(({ id, status }) => [id, status])).toEqual([
      [runId(3), "running"],
      [runId(2), "failed"],
      [runId(1), "succeeded"],
    ]);
    expect(runs[1]).toMatchObject({ durationMs: 5, ended: time, session: 1, error: { code: "STEP_FAILED" } });
    expect(await ledger.run(runId(2))).toEqual(runs[1]);
    expect(await ledger.run("none")).toBeUndefined();
  });

  test("are filtered by pipeline, status and tag, alone and together", async () => {
    const ledger = await open();
    for (let number = 0; number < 40; number++) {
      const pipeline = number % 2 ? "odd" : "even";
      await ledger.startRun(sampleRun(number, { pipeline, tags: number % 5 ? [] : ["fifth", "fifth"] }), "driver");
      if (number % 4) await ledger.endSession(runId(number), 1, ended(number % 3 ? "succeeded" : "failed"));
    }
    const numbers = async (filter: Parameters<Ledger["runs"]>[0]) =>
      (await ledger.runs(filter)).map(({ id }) => Number(id.slice(4)));
    const all = Array.from({ length: 40 }, (_, index) => 39 - index);
    expect(await numbers({ pipeline: "odd" })).toEqual(all.filter((n) => n % 2));
    expect(await numbers({ status: "running" })).toEqual(all.filter((n) => n % 4 === 0));
    expect(await numbers({ status: "failed", pipeline: "odd" })).toEqual(all.filter((n) => n % 2 && n % 3 === 0));
    expect(await numbers({ status: "succeeded", pipeline: "even" })).toEqual(all.filter((n) => n % 4 === 2 && n % 3));
    expect(await numbers({ tag: "fifth" })).toEqual(all.filter((n) => n % 5 === 0));
    expect(await numbers({ tag: "fifth", status: "running" })).toEqual(all.filter((n) => n % 20 === 0));
    expect(await numbers({ status: "running", limit: 3, before: runId(30) })).toEqual([28, 24, 20]);
    expect(await numbers({ limit: 4, before: runId(10) })).toEqual([9, 8, 7, 6]);
    expect(await numbers({ pipeline: "none" })).toEqual([]);
    expect(await ledger.pipelines()).toEqual(["even", "odd"]);
  });

  test("a page of a thousand takes a handful of queries", async () => {
    const store = new MemoryMetadataStore();
    const ledger = await open(store);
    for (let number = 0; number < 1000; number++) {
      await ledger.startRun(sampleRun(number), "driver");
      await ledger.endSession(runId(number), 1, ended("succeeded"));
    }
    let reads = 0;
    const { getMany, scan } = store;
    store.getMany = (keys) => getMany.call(store, keys).finally(() => reads++);
    store.scan = (prefix, options) => scan.call(store, prefix, options).finally(() => reads++);
    expect(await ledger.runs({ limit: 1000 })).toHaveLength(1000);
    expect(reads).toBeLessThanOrEqual(5);
  });

  test("are found by the beginning of their id, in any case of letters", async () => {
    const ledger = await open();
    for (const number of [1, 12, 2]) await ledger.startRun(sampleRun(number), "driver");
    expect((await ledger.findRuns("01jd")).map(({ id }) => id)).toEqual([runId(12), runId(2), runId(1)]);
    expect((await ledger.findRuns(runId(12).slice(0, -1))).map(({ id }) => id)).toEqual([runId(12)]);
    expect(await ledger.findRuns("99")).toEqual([]);
  });

  test("of other projects are not seen", async () => {
    const store = new MemoryMetadataStore();
    const mine = await Ledger.open(store, { project: "mine" });
    const other = await Ledger.open(store, { project: "mine/too" });
    await other.startRun(sampleRun(1), "driver");
    expect(await mine.runs()).toEqual([]);
    expect(mine.id).toBe(other.id);
  });

  test("keep their plans, which are the same for equal digests", async () => {
    const ledger = await open();
    await ledger.savePlan("sha256:a", "steps: []\n");
    await ledger.savePlan("sha256:a", "steps: []\n");
    expect(await ledger.plan("sha256:a")).toBe("steps: []\n");
    expect(await ledger.plan("sha256:b")).toBeUndefined();
  });
});

describe("sessions", () => {
  test("a run is resumed by a second one, and its status is that one's", async () => {
    const ledger = await open();
    await ledger.startRun(sampleRun(1), "first");
    await ledger.endSession(runId(1), 1, ended("failed"));
    expect(await ledger.beginSession(runId(1), "second")).toMatchObject({ number: 2, driver: "second" });
    expect((await ledger.run(runId(1)))?.status).toBe("running");
    expect(await ledger.runs({ status: "failed" })).toEqual([]);
    await ledger.endSession(runId(1), 2, ended("succeeded"));
    expect(await ledger.runs({ status: "running" })).toEqual([]);
    expect(await ledger.runs({ status: "succeeded" })).toMatchObject([{ id: runId(1), session: 2 }]);
  });

  test("taking over ends the session before, whose driver learns that it has lost the run", async () => {
    const store = new MemoryMetadataStore();
    const [lost, taking] = await Promise.all([open(store), open(store)]);
    await lost.startRun(sampleRun(1), "first");
    await taking.beginSession(runId(1), "second");
    expect(await lost.endSession(runId(1), 1, ended("succeeded"))).toBe(false);
    expect((await taking.run(runId(1)))?.status).toBe("running");
    expect(await taking.endSession(runId(1), 2, ended("cancelled"))).toBe(true);
    expect(await taking.endSession(runId(1), 2, ended("failed"))).toBe(false);
    expect((await taking.run(runId(1)))?.status).toBe("cancelled");
  });

  test("of several drivers that take a run over at once one gets it", async () => {
    const store = new MemoryMetadataStore();
    const all = await Promise.all(Array.from({ length: 8 }, () => open(store)));
    await all[0]?.startRun(sampleRun(1), "first");
    const tries = all.map((ledger, index) => ledger.beginSession(runId(1), `driver ${index}`));
    const results = await Promise.allSettled(tries);
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const result of results) if (result.status === "rejected") expect(result.reason.code).toBe("RUN_LEASE_LOST");
  });

  test("a lease's counter moves with each beat, and is the latest session's", async () => {
    const store = new MemoryMetadataStore();
    const [first, second] = await Promise.all([open(store), open(store)]);
    await first.startRun(sampleRun(1), "first");
    expect(await second.lease(runId(1))).toBeUndefined();
    await first.beat(runId(1), 1);
    await first.beat(runId(1), 1);
    expect(await second.lease(runId(1))).toEqual({ session: 1, counter: 2 });
    await second.beginSession(runId(1), "second");
    await second.beat(runId(1), 2);
    await first.beat(runId(1), 1);
    expect(await first.lease(runId(1))).toEqual({ session: 2, counter: 1 });
  });

  test("a request to cancel is for the present session only", async () => {
    const store = new MemoryMetadataStore();
    const [driver, other] = await Promise.all([open(store), open(store)]);
    await driver.startRun(sampleRun(1), "first");
    expect(await driver.cancelRequested(runId(1))).toBe(false);
    await other.requestCancel(runId(1));
    await other.requestCancel(runId(1));
    expect(await driver.cancelRequested(runId(1))).toBe(true);
    await driver.endSession(runId(1), 1, ended("cancelled"));
    await driver.beginSession(runId(1), "second");
    expect(await driver.cancelRequested(runId(1))).toBe(false);
    expect(await other.cancelRequested(runId(1), 1)).toBe(true);
  });
});

describe("opening a ledger", () => {
  test("several processes that open an empty store at once agree on its id", async () => {
    const store = new MemoryMetadataStore();
    const all = await Promise.all(Array.from({ length: 10 }, () => open(store)));
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    expect((await open(store)).id).toBe(all[0]?.id);
  });

  test("a store of a newer format is refused", async () => {
    const store = new MemoryMetadataStore();
    await store.put([{ key: "tenon", value: JSON.stringify({ format: 2, ledger: "l", created: time }) }]);
    await expect(open(store)).rejects.toMatchObject({ code: "STORE_TOO_NEW", details: { format: 2, supported: 1 } });
  });

  test.each(["not JSON", "null", "{}", '{"format":"1"}', "[]"])(
    "a store whose format is %s is refused",
    async (value) => {
      const store = new MemoryMetadataStore();
      await store.put([{ key: "tenon", value }]);
      await expect(open(store)).rejects.toMatchObject({ code: "STORE_CORRUPT" });
    },
  );

  test("a record that is not JSON is named", async () => {
    const store = new MemoryMetadataStore();
    const ledger = await open(store);
    await ledger.startRun(sampleRun(1), "driver");
    await store.put([{ key: `p/p/run/${runId(1)}`, value: "{" }]);
    await expect(ledger.run(runId(1))).rejects.toMatchObject({
      code: "STORE_CORRUPT",
      doing: expect.stringContaining(runId(1)),
    });
  });
});
