import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { artifactId } from "../ledger/artifact-versions.js";
import { Ledger } from "../ledger/ledger.js";
import type { ArtifactVersionRecord, ResolvedInput } from "../ledger/records.js";
import { pipeline } from "../pipeline/pipeline.js";
import { step } from "../pipeline/step.js";
import { driverName } from "../runtime/session.js";
import { countingStore } from "../testing/counting-store.js";
import { runId, sampleArtifact, sampleCommit, sampleRun } from "../testing/ledger-samples.js";
import { MemoryMetadataStore } from "../testing/memory-metadata-store.js";
import { MemoryProject } from "../testing/memory-project.js";
import { type Lineage, lineageOf } from "./lineage.js";

// The first run of a process loads the bundler, which takes its time on a machine that has much to do.
vi.setConfig({ testTimeout: 120_000 });

const load = step("load", () => [1, 2, 3]);
const scale = step("scale", ({ values, by }: { values: number[]; by: number }) => values.map((value) => value * by));
const sum = step("sum", ({ values }: { values: number[] }) => values.reduce((a, b) => a + b, 0));
const shown = step("shown", ({ total }: { total: unknown }) => `${total}`);

const sums = pipeline("sums", () => ({ total: sum({ values: scale({ values: load(), by: 2 }) }) }));

describe("lineage", () => {
  let there: MemoryProject;
  beforeEach(() => {
    there = new MemoryProject();
  });
  afterEach(() => there.dispose());

  const later = () => pipeline("later", () => shown({ total: there.client.artifact("sums.sum") }));

  test("goes upstream to what came from outside, and downstream across pipelines", async () => {
    const first = await there.run(sums);
    const second = await there.run(later());
    const upstream = await there.client.lineage("later.shown", { direction: "upstream" });
    expect(labels(upstream)).toEqual(
      ["later.shown@1", "sums.load@1", "sums.scale.by@1", "sums.scale@1", "sums.sum@1"].concat([
        `load of ${first.id}`,
        `scale of ${first.id}`,
        `shown of ${second.id}`,
        `sum of ${first.id}`,
      ]),
    );
    const downstream = await there.client.lineage("sums.scale.by", { direction: "downstream" });
    expect(labels(downstream)).toContain("later.shown@1");
    expect(labels(downstream)).not.toContain("sums.load@1");
    expect(follow(downstream, "artifact:sums.scale.by@1")).toContain("artifact:later.shown@1");
  });

  test("goes as far as it is asked to", async () => {
    await there.run(sums);
    const near = await there.client.lineage("sums.scale", { depth: 1 });
    expect(labels(near).filter((label) => label.includes("@"))).toEqual([
      "sums.load@1",
      "sums.scale.by@1",
      "sums.scale@1",
      "sums.sum@1",
    ]);
    expect(labels(await there.client.lineage("sums.scale", { depth: 0 }))).toEqual(["sums.scale@1"]);
  });

  test("shows runs that found a step in the cache as users of what it was made from", async () => {
    await there.run(sums);
    const again = await there.run(sums);
    expect(again.steps.map(({ status }) => status)).toEqual(["cached", "cached", "cached"]);
    expect(labels(await there.client.lineage("sums.load", { direction: "downstream" }))).toContain(
      `sum of ${again.id}`,
    );
    // What it found was made by another run alone.
    const upstream = await there.client.lineage("sums.sum", { direction: "upstream" });
    expect(labels(upstream)).not.toContain(`sum of ${again.id}`);
  });

  test("of an artifact whose run was deleted says what is still known", async () => {
    const first = await there.run(sums);
    await there.run(later());
    await there.client.runs.delete(first.id, { force: true });
    expect(labels(await there.client.lineage("later.shown"))).toEqual([
      "later.shown@1",
      "sums.sum@1",
      expect.stringMatching(/^shown of/),
    ]);
  });

  test("of an artifact that there is not is refused", async () => {
    await expect(there.client.lineage("nothing")).rejects.toMatchObject({ code: "ARTIFACT_UNKNOWN" });
  });
});

describe("lineage over ten thousand artifacts", () => {
  const runs = 50;
  const steps = 200;

  test("takes three queries a run at most, along a chain as long as that", async () => {
    const { ledger, take, first, last } = await chain((place) => (place === 0 ? [] : [place - 1]));
    take();
    const upstream = await lineageOf(ledger, last, { direction: "upstream" });
    expect(take()).toBeLessThanOrEqual(runs * 2 + 5);
    expect(upstream.nodes).toHaveLength(2 * runs * steps);
    const downstream = await lineageOf(ledger, first, { direction: "downstream" });
    expect(take()).toBeLessThanOrEqual(runs * 3 + 5);
    expect(downstream.edges).toHaveLength(2 * runs * steps - 2);
  });

  test("takes as few where each was made of one, and all were made into one", async () => {
    const count = runs * steps;
    const { ledger, take, first, last } = await chain((place) =>
      place === 0 ? [] : place < count - 1 ? [0] : Array.from({ length: count - 2 }, (_, index) => index + 1),
    );
    take();
    const upstream = await lineageOf(ledger, last, { direction: "upstream" });
    expect(upstream.nodes).toHaveLength(2 * count);
    expect(take()).toBeLessThanOrEqual(runs * 2 + 10);
    const downstream = await lineageOf(ledger, first, { direction: "downstream" });
    expect(downstream.nodes).toHaveLength(2 * count - 1);
    expect(take()).toBeLessThanOrEqual(runs * 3 + 10);
  });

  /** One artifact a step; each made of those of the places that `sources` says. */
  async function chain(sources: (place: number) => readonly number[]) {
    const { store, take } = countingStore(new MemoryMetadataStore());
    const ledger = await Ledger.open(store, { project: "test" });
    const made: ArtifactVersionRecord[] = [];
    for (let run = 0; run < runs; run++) {
      await ledger.startRun(sampleRun(run), driverName());
      for (let index = 0; index < steps; index++) {
        const artifacts = sources(made.length).map((place) => made[place] as ArtifactVersionRecord);
        await ledger.holds.take(runId(run), artifacts);
        const list = artifacts.map((one): ResolvedInput => ({ artifact: artifactId(one), digest: one.digest }));
        const commit = sampleCommit(run, `s${index}`, { inputs: { list: { list } }, cacheKey: `key ${made.length}` });
        const name = `penguins.s${index}`;
        const result = await ledger.commitStep({ ...commit, artifacts: { output: sampleArtifact(name, `${run}`) } });
        if (!result.committed) throw new Error("not committed");
        made.push(result.artifacts.output as ArtifactVersionRecord);
      }
    }
    const [first, last] = [made[0], made.at(-1)].map((one) => artifactId(one as ArtifactVersionRecord));
    return { ledger: await Ledger.open(store, { project: "test" }), take, first: first ?? "", last: last ?? "" };
  }
});

function labels({ nodes }: Lineage): string[] {
  return nodes
    .map(({ kind, id, label }) =>
      kind === "artifact" ? label : `${label} of ${id.slice("step:".length).split("/")[0]}`,
    )
    .sort((a, b) => Number(b.includes("@")) - Number(a.includes("@")) || (a < b ? -1 : 1));
}

function follow({ edges }: Lineage, from: string): string[] {
  const found = new Set([from]);
  for (const id of found) for (const edge of edges) if (edge.from === id) found.add(edge.to);
  return [...found];
}
