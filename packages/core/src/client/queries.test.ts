import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from "vitest";
import type { Materializer } from "../contracts/materializer.js";
import { Ledger } from "../ledger/ledger.js";
import { json, svg, table, text } from "../materializers/types.js";
import { map } from "../pipeline/map.js";
import { pipeline } from "../pipeline/pipeline.js";
import { step } from "../pipeline/step.js";
import { each } from "../pipeline/wire.js";
import { driverName } from "../runtime/session.js";
import { countingStore } from "../testing/counting-store.js";
import { runId, sampleArtifact, sampleRun, time } from "../testing/ledger-samples.js";
import { MemoryMetadataStore } from "../testing/memory-metadata-store.js";
import { MemoryProject } from "../testing/memory-project.js";
import { listArtifacts } from "./artifacts.js";
import { queryRuns } from "./query-runs.js";

// The first run of a process loads the bundler, which takes its time on a machine that has much to do.
vi.setConfig({ testTimeout: 120_000 });

const split = step({
  name: "split",
  outputs: { train: table, test: table },
  run: (_: Record<never, never>, { metadata }) => {
    metadata.run({ seed: 7 });
    return { train: [{ a: 1 }, { a: 2 }], test: [{ a: 3 }] };
  },
});
const fit = step({
  name: "fit",
  inputs: { train: table },
  output: json,
  run: ({ train }, { metadata }) => {
    metadata({ output: { rows: train.length } });
    return { weight: 42 };
  },
});
const draw = step({ name: "draw", inputs: { model: json }, output: svg, run: () => "<svg></svg>" });
const double = step("double", ({ x }: { x: number }) => x * 2);
const numbers = step("numbers", (): number[] => [1, 2]);
const penguins = pipeline("penguins", () => {
  const { train } = split();
  const model = fit({ train });
  return { model, picture: draw({ model }), doubled: map(double, { x: each(numbers()) }) };
});

describe("what a run made", () => {
  let there: MemoryProject;
  let directory: string;
  beforeEach(async () => {
    there = new MemoryProject();
    directory = await mkdtemp(join(tmpdir(), "client-"));
  });
  afterEach(async () => {
    await there.dispose();
    await rm(directory, { recursive: true });
  });

  test("has its types where the pipeline is known by its definition, and none by its name", async () => {
    await there.run(penguins);
    const last = await there.client.pipeline(penguins).runs.latest();
    expectTypeOf(await last.outputs.picture.load()).toEqualTypeOf<string>();
    expect(await last.outputs.model.load()).toEqual({ weight: 42 });
    const named = await there.client.pipeline("penguins").runs.latest();
    const untyped = await named.outputs.model?.load();
    expectTypeOf(untyped).toBeUnknown();
    expect(untyped).toEqual({ weight: 42 });
    expect(await named.metadata()).toEqual({ seed: 7 });
  });

  test("is read in other views, as bytes and as files", async () => {
    await there.run(penguins);
    const run = await there.client.runs.latest();
    const { train } = run.step("split").outputs;
    expect(await train?.load()).toEqual([{ a: 1 }, { a: 2 }]);
    await expect(train?.load({ as: text })).rejects.toMatchObject({ code: "ARTIFACT_FORMAT_UNREADABLE" });
    const lengths: Materializer<number> = {
      type: { kind: "artifactType", name: "length" },
      format: "length",
      reads: [(await (await train?.artifact())?.open())?.format ?? ""],
      save: async () => {},
      load: async (files) => (files.files[0]?.size ?? 0) + 0,
    };
    expect(await train?.load({ as: lengths })).toBe((await train?.artifact())?.size);
    await expect(train?.load({ as: { ...lengths, reads: ["other"] } })).rejects.toMatchObject({
      code: "ARTIFACT_FORMAT_UNREADABLE",
    });
    const pieces: Uint8Array[] = [];
    for await (const piece of run.outputs.picture?.stream() ?? []) pieces.push(piece);
    expect(Buffer.concat(pieces).toString()).toBe("<svg></svg>");
    const [path = ""] = (await run.outputs.picture?.download(directory)) ?? [];
    expect(await readFile(path, "utf8")).toBe("<svg></svg>");
    await expect(run.outputs.picture?.download(directory)).rejects.toMatchObject({ code: "EEXIST" });
    const elements = await run.outputs.doubled?.download(join(directory, "elements"));
    expect(await Promise.all((elements ?? []).map((one) => readFile(one, "utf8")))).toEqual(["2", "4"]);
    await expect(run.outputs.picture?.visualize("nothing")).rejects.toMatchObject({ code: "ARTIFACT_UNKNOWN" });
  });

  test("is told from what it did not make", async () => {
    await there.run(penguins);
    const run = await there.client.pipeline(penguins).runs.latest();
    const wrong = run.outputs as unknown as Record<string, typeof run.outputs.model>;
    await expect(wrong.modle?.load()).rejects.toMatchObject({
      code: "ARTIFACT_UNKNOWN",
      fix: "Did you mean 'model'?",
    });
    await expect(run.step("spilt").outputs.train?.load()).rejects.toMatchObject({ code: "STEP_UNKNOWN" });
    await expect(run.step("split").outputs.trian?.load()).rejects.toMatchObject({ fix: "Did you mean 'train'?" });
    // What is read can be awaited and printed like anything else.
    expect((await Promise.resolve(run.outputs)) && JSON.parse(JSON.stringify(run))).toMatchObject({ id: run.id });
  });

  test("is listed by tag and by metadata, and says what was looked at", async () => {
    await there.run(penguins);
    await there.run(penguins, { cache: false, tags: ["nightly"] });
    const { artifacts, runs } = there.client;
    const rows = artifacts.versions("penguins.fit", { where: { rows: 2 } });
    expect(await rows.page({ limit: 1 })).toMatchObject({ items: [{ version: "2" }], next: "2", scanned: 1 });
    const many = artifacts.versions("penguins.fit", { where: { rows: (count) => Number(count) > 2 } });
    expect(await many.page()).toEqual({ items: [], scanned: 2 });
    const seeds = await runs.list({ where: { seed: 7 }, tag: "nightly" }).page();
    expect([seeds.items.length, seeds.scanned]).toEqual([1, 1]);
    expect((await runs.list({ artifact: "penguins.fit@1" }).page()).items).toHaveLength(1);
    const ids = [];
    for await (const { id } of runs.list({ pipeline: "penguins" })) ids.push(id);
    expect(ids).toEqual([...ids].sort().reverse());
    expect(await runs.list({ since: new Date(Date.now() + 60_000) }).page()).toMatchObject({ items: [] });
    expect(await runs.list({ until: new Date(Date.now() - 60_000) }).page()).toMatchObject({ items: [] });
    expect((await runs.list({ since: "2020-01-01", until: new Date(Date.now() + 60_000) }).page()).items.length).toBe(
      2,
    );
  });
});

describe("however long the history is", () => {
  const count = 3000;

  test("a page of runs takes a handful of queries, whatever is asked for, and no run twice", async () => {
    const counting = countingStore(new MemoryMetadataStore());
    const ledger = await Ledger.open(counting.store, { project: "test" });
    const model = await ledger.models.openFor(runId(0), { name: "churn", tags: [] });
    for (let number = 1; number <= count; number++) {
      await ledger.startRun(sampleRun(number, { pipeline: `p${number % 2}`, tags: ["daily"] }), driverName());
      if (number % 3 === 0) await ledger.pins.settle(runId(number), "latest", { artifact: "rows@1", model });
      await ledger.endSession(runId(number), 1, {
        status: number % 5 === 0 ? "failed" : "succeeded",
        ended: time,
        durationMs: 1,
      });
    }
    const queries = [
      [{}, count],
      [{ pipeline: "p1" }, count / 2],
      [{ status: "failed" as const }, count / 5],
      [{ tag: "daily" }, count],
      [{ model: "churn" }, count / 3],
      [{ artifact: "rows@1" }, count / 3],
    ] as const;
    for (const [query, fitting] of queries) {
      counting.take();
      const ids: string[] = [];
      let after: string | undefined;
      do {
        const page = await queryRuns(ledger, query, { limit: 100, ...(after === undefined ? {} : { after }) });
        expect(counting.take(), JSON.stringify(query)).toBeLessThanOrEqual(8);
        ids.push(...page.items.map(({ id }) => id));
        after = page.next;
      } while (after !== undefined);
      expect(ids).toEqual([...ids].sort().reverse());
      expect(new Set(ids).size, JSON.stringify(query)).toBe(fitting);
    }
  });

  test("so does a page of artifacts with their latest versions", async () => {
    const counting = countingStore(new MemoryMetadataStore());
    const ledger = await Ledger.open(counting.store, { project: "test" });
    const versions = new Map([1, 2, 15, 16, 17, 18, 1000, 2311].map((most, place) => [`artifact ${place}`, most]));
    for (const [name, most] of versions) {
      for (let version = 0; version < most; version++) await ledger.addArtifact(sampleArtifact(name, `${version}`));
    }
    for (let place = 0; place < 60; place++) await ledger.addArtifact(sampleArtifact(`more ${place}`, "1"));
    const fresh = await Ledger.open(counting.store, { project: "test" });
    counting.take();
    const { items, next } = await listArtifacts(fresh, { limit: 50 });
    expect(counting.take()).toBeLessThanOrEqual(8);
    expect(next).toBe(items.at(-1)?.name);
    for (const [name, most] of versions) expect(items.find((one) => one.name === name)?.number, name).toBe(most);
  });
});

test("of a step that failed there are no outputs, and the error says so", async () => {
  const there = new MemoryProject();
  const fail = step("fail", (): number => {
    throw new Error("no");
  });
  await there.run(
    pipeline("failing", () => ({ value: fail() })),
    { throwOnFailure: false },
  );
  const run = await there.client.runs.latest();
  await expect(run.outputs.value?.load()).rejects.toMatchObject({
    code: "ARTIFACT_UNKNOWN",
    found: "the step was failed and gave nothing",
  });
  await there.dispose();
});
