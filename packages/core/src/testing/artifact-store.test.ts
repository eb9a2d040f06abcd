import assert from "node:assert/strict";
import { test } from "vitest";
import { artifactStoreCases, testArtifactStore } from "./artifact-store.js";
import { brokenArtifactStores } from "./broken/artifact-stores.js";
import { casesThatNothingFails } from "./kit.js";
import { MemoryArtifactStore } from "./memory-artifact-store.js";

testArtifactStore({
  test,
  prefix: "in memory",
  create: () => {
    const objects = new Map<string, Uint8Array>();
    return { store: new MemoryArtifactStore(objects), openAgain: () => new MemoryArtifactStore(objects) };
  },
});

test("every case of the kit for artifact stores fails on a broken one", { timeout: 120_000 }, async () => {
  assert.deepEqual(await casesThatNothingFails(artifactStoreCases, brokenArtifactStores), []);
});
