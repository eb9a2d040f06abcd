import { describe, expect, test } from "vitest";
import { countingStore } from "../testing/counting-store.js";
import { sampleArtifact, sampleCommit, sampleRun, sampleStep } from "../testing/ledger-samples.js";
import { MemoryMetadataStore } from "../testing/memory-metadata-store.js";
import { Ledger } from "./ledger.js";

const open = () => Ledger.open(new MemoryMetadataStore(), { project: "p" });

describe("artifact versions", () => {
  test("the latest one and pages of them are read newest first", async () => {
    const ledger = await open();
    for (let version = 1; version <= 12; version++) await ledger.addArtifact(sampleArtifact("rows", `${version}`));
    expect((await ledger.latestArtifact("rows"))?.version).toBe("12");
    const numbers = async (page: { before?: number; limit?: number }) =>
      (await ledger.artifactVersions("rows", page)).map(({ number }) => number);
    expect(await numbers({ limit: 3 })).toEqual([12, 11, 10]);
    expect(await numbers({ limit: 3, before: 10 })).toEqual([9, 8, 7]);
    expect(await numbers({ before: 3 })).toEqual([2, 1]);
    expect(await ledger.latestArtifact("none")).toBeUndefined();
    expect(await ledger.artifactVersions("row")).toEqual([]);
  });

  test("that were expected are numbered after one look for all of them", async () => {
    const memory = new MemoryMetadataStore();
    const counting = countingStore(memory);
    const before = await Ledger.open(memory, { project: "p" });
    const names = Array.from({ length: 60 }, (_, place) => `name_${place}`);
    for (const [place, name] of names.entries()) {
      for (let count = 0; count < place % 7; count++) await before.addArtifact(sampleArtifact(name, `${count}`));
    }
    const ledger = await Ledger.open(counting.store, { project: "p" });
    counting.take();
    ledger.expectArtifacts(names);
    expect(counting.take()).toBe(0);
    const numbers = await Promise.all(
      names.map(async (name) => (await ledger.addArtifact(sampleArtifact(name, "new"))).number),
    );
    expect(numbers).toEqual(names.map((_, place) => (place % 7) + 1));
    // For each a look for equal content, and an insert.
    expect(counting.take()).toBeLessThan(2 * names.length + 5);
  });

  test("are found by their ids, in the order asked for", async () => {
    const ledger = await open();
    await ledger.addArtifact(sampleArtifact("a", "1"));
    await ledger.addArtifact({ ...sampleArtifact("b@home", "2"), version: "golden" });
    const found = await ledger.artifacts(["b@home@golden", "a@2", "a@1", "b@home@1"]);
    expect(found.map((artifact) => artifact && [artifact.name, artifact.version, artifact.number])).toEqual([
      ["b@home", "golden", 1],
      undefined,
      ["a", "1", 1],
      ["b@home", "golden", 1],
    ]);
    await expect(ledger.artifact("a")).rejects.toMatchObject({ code: "ARTIFACT_UNKNOWN" });
  });

  test("with a name of their own take part in the numbering, and keep their names", async () => {
    const ledger = await open();
    await ledger.addArtifact(sampleArtifact("rows", "1"));
    await ledger.addArtifact({ ...sampleArtifact("rows", "2"), version: "golden" });
    const third = await ledger.addArtifact(sampleArtifact("rows", "3"));
    expect(third.version).toBe("3");
    const again = ledger.addArtifact({ ...sampleArtifact("rows", "4"), version: "golden" });
    await expect(again).rejects.toMatchObject({ code: "KEY_INVALID", found: expect.stringContaining("already") });
    for (const version of ["4", "007", "a@b"]) {
      const refused = ledger.addArtifact({ ...sampleArtifact("rows", "4"), version });
      await expect(refused).rejects.toMatchObject({ code: "KEY_INVALID" });
    }
    expect(await ledger.artifactVersions("rows")).toHaveLength(3);
  });

  test("a name is kept whatever is in it, and one that is too long is refused", async () => {
    const ledger = await open();
    const names = ["a/b", "a%2Fb", "a%b", "..", "größe 東京 😀", "a\nb", "x".repeat(100)];
    for (const name of names) await ledger.addArtifact(sampleArtifact(name, "1"));
    expect(new Set(await ledger.artifactNames())).toEqual(new Set(names));
    for (const name of names) expect((await ledger.latestArtifact(name))?.name).toBe(name);
    for (const name of ["", "x".repeat(101), "/".repeat(34), "\ud800"]) {
      const refused = ledger.addArtifact(sampleArtifact(name, "1"));
      await expect(refused, name).rejects.toMatchObject({ code: "KEY_INVALID" });
    }
  });

  test("the longest names of all kinds together make keys that every store can hold", async () => {
    const project = "p".repeat(50);
    const ledger = await Ledger.open(new MemoryMetadataStore(), { project });
    const [name, version, step] = ["n".repeat(100), "v".repeat(32), "s".repeat(100)];
    await ledger.startRun(sampleRun(1, { pipeline: "p".repeat(100), tags: ["t".repeat(60)] }), "driver");
    await ledger.addArtifact({ ...sampleArtifact(name, "a".repeat(64)), version });
    const inputs = { rows: { list: [{ artifact: `${name}@${version}`, digest: "sha256:a" }] } };
    const cacheKey = `sha256:${"c".repeat(64)}`;
    const artifacts = { output: sampleArtifact(name, "b".repeat(64)) };
    ledger.noteAttempt({ runId: sampleRun(1).id, stepId: step, number: 1, session: 1, started: "now" });
    const result = await ledger.commitStep({ ...sampleCommit(1, step, { inputs, cacheKey }), artifacts });
    expect(result.committed).toBe(true);
    expect(await ledger.consumers(`${name}@${version}`)).toHaveLength(1);

    const model = { name: "m".repeat(60), version };
    const opened = await ledger.models.openFor(sampleRun(1).id, { ...model, tags: [] });
    await ledger.models.setStage(model.name, version, "production");
    const { number } = opened;
    const outputs = { output: `${name}@${version}` };
    const said = { ...model, number, metadata: { x: 1 } };
    await ledger.recordSteps([{ ...sampleStep(1, `${step}`.slice(1)), status: "cached", outputs, model: said }]);
    expect(await ledger.models.links.modelsOf(`${name}@${version}`)).toHaveLength(1);
    const found = await ledger.references.findFor("r".repeat(32), {
      model: model.name,
      stage: "production",
      artifact: name,
    });
    expect(found.artifact?.name).toBe(name);
  });

  test("names are listed in pages", async () => {
    const ledger = await open();
    for (const name of ["b", "a", "c"]) await ledger.addArtifact(sampleArtifact(name, "1"));
    expect(await ledger.artifactNames({ limit: 2 })).toEqual(["a", "b"]);
    expect(await ledger.artifactNames({ after: "b" })).toEqual(["c"]);
  });

  test("an artifact knows each step that took it, whichever way", async () => {
    const ledger = await open();
    const { digest } = await ledger.addArtifact(sampleArtifact("rows", "1"));
    const one = { artifact: "rows@1", digest };
    await ledger.commitStep(sampleCommit(1, "fit", { inputs: { x: one, y: { list: [one, { list: [one] }] } } }));
    const cached = { ...sampleCommit(2, "fit", { inputs: { x: one } }).step, outputs: {}, status: "cached" as const };
    await ledger.recordSteps([cached]);
    const found = (await ledger.consumers("rows@1")).map(({ runId, inputs }) => [Number(runId.slice(4)), inputs]);
    expect(found).toEqual([
      [1, ["x", "y"]],
      [2, ["x"]],
    ]);
  });
});
