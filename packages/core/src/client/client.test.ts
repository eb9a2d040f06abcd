import { beforeEach, describe, expect, test } from "vitest";
import { Ledger } from "../ledger/ledger.js";
import type { RunRecord } from "../ledger/records.js";
import { driverName } from "../runtime/session.js";
import { MemoryMetadataStore } from "../testing/memory-metadata-store.js";
import { findArtifact, listArtifacts, listVersions } from "./artifacts.js";
import { findRun, latestRunOf, listRuns } from "./runs.js";

let ledger: Ledger;

beforeEach(async () => {
  ledger = await Ledger.open(new MemoryMetadataStore(), { project: "test" });
});

function run(id: string, pipeline = "penguins"): RunRecord {
  return {
    id,
    pipeline,
    plan: "sha256:0",
    stack: { name: "local", components: {} },
    created: "2026-01-01T00:00:00.000Z",
    user: "ada",
    host: "here",
    parameterOrigins: {},
    tags: [],
    versions: { core: "1.0.0", node: "20.19.0" },
  };
}

async function addVersion(name: string, digest: string): Promise<void> {
  await ledger.addArtifact({
    name,
    type: "json",
    materializer: "core:json",
    format: "json",
    location: `artifacts/${name}/${digest}`,
    uri: `memory:${digest}`,
    size: 1,
    digest,
    metadata: {},
    tags: [],
    created: "2026-01-01T00:00:00.000Z",
    visualizations: [],
  });
}

const first = "01JD00000000000000000000A1";
const second = "01JD00000000000000000000B2";

describe("a run", () => {
  beforeEach(async () => {
    await ledger.startRun(run(first), driverName());
    await ledger.startRun(run(second, "whales"), driverName());
  });

  test.each([second, second.slice(0, 25), second.slice(0, 25).toLowerCase(), "latest"])(
    "is found as %s",
    async (name) => {
      expect(await findRun(ledger, name)).toMatchObject({ id: second, brokeOff: false });
    },
  );

  test("is not guessed where several begin so", async () => {
    await expect(findRun(ledger, "01JD")).rejects.toMatchObject({
      code: "RUN_UNKNOWN",
      message: expect.stringMatching(new RegExp(`${second}.*${first}.*Write more of the id`)),
    });
  });

  test("that does not exist brings the nearest to mind", async () => {
    await expect(findRun(ledger, first.replace("A1", "A7"))).rejects.toMatchObject({
      code: "RUN_UNKNOWN",
      fix: `Did you mean '${first}'?`,
    });
    await expect(findRun(ledger, "")).rejects.toMatchObject({ code: "RUN_UNKNOWN" });
  });

  test("is the latest one of its pipeline", async () => {
    expect(await latestRunOf(ledger, "penguins")).toMatchObject({ id: first });
    await expect(latestRunOf(ledger, "pengiuns")).rejects.toMatchObject({
      code: "PIPELINE_UNKNOWN",
      fix: "Did you mean 'penguins'?",
    });
  });

  test("whose driver is no more broke off; of one on another machine nobody can tell", async () => {
    const gone = "01JD00000000000000000000C3";
    await ledger.startRun(run(gone), driverName().replace(/\d+$/, "999999999"));
    const elsewhere = "01JD00000000000000000000D4";
    await ledger.startRun(run(elsewhere), "another-machine:1");
    const brokeOff = new Map((await listRuns(ledger, {})).map((one) => [one.id, one.brokeOff]));
    expect([gone, elsewhere, first].map((id) => brokeOff.get(id))).toEqual([true, false, false]);
  });
});

test("where nothing has run there is no latest run", async () => {
  await expect(findRun(ledger, "latest")).rejects.toMatchObject({ code: "RUN_UNKNOWN" });
});

describe("an artifact", () => {
  beforeEach(async () => {
    await addVersion("penguins.fit", "sha256:1");
    await addVersion("penguins.fit", "sha256:2");
    await addVersion("penguins.load", "sha256:3");
  });

  test.each([
    ["penguins.fit", "2"],
    ["penguins.fit@latest", "2"],
    ["penguins.fit@1", "1"],
  ])("named %s is version %s", async (reference, version) => {
    expect(await findArtifact(ledger, reference)).toMatchObject({ name: "penguins.fit", version });
  });

  test("of a name or version that is not there is said to be unknown, with what there is", async () => {
    await expect(findArtifact(ledger, "penguins.fti")).rejects.toMatchObject({ fix: "Did you mean 'penguins.fit'?" });
    await expect(findArtifact(ledger, "penguins.fit@9")).rejects.toMatchObject({
      code: "ARTIFACT_UNKNOWN",
      found: "it has the versions 2, 1",
    });
    await expect(listVersions(ledger, "nothing", {})).rejects.toMatchObject({ code: "ARTIFACT_UNKNOWN" });
  });

  test("is listed once, with its latest version; its versions are listed newest first", async () => {
    const names = (await listArtifacts(ledger, { limit: 50 })).items.map(({ name, version }) => `${name}@${version}`);
    expect(names).toEqual(["penguins.fit@2", "penguins.load@1"]);
    expect((await listVersions(ledger, "penguins.fit", {})).map(({ version }) => version)).toEqual(["2", "1"]);
  });
});
