import { describe, expect, test } from "vitest";
import { brokenMetadataStores } from "./broken/metadata-stores.js";
import { casesThatNothingFails, runCase } from "./kit.js";
import { MemoryMetadataStore } from "./memory-metadata-store.js";
import { destroyMetadataStore, metadataStoreCases, testMetadataStore } from "./metadata-store.js";

const processCase = "of inserts by several processes exactly one succeeds";

describe("the metadata store in memory", () => {
  testMetadataStore({
    test,
    create: () => {
      const store = new MemoryMetadataStore();
      return { store, openAgain: async () => store };
    },
    skip: { [processCase]: "it lives in one process" },
  });
});

test("every case of the kit fails on a broken metadata store", async () => {
  // Processes cannot share a broken store in memory; a store that each has to itself is the broken one for them.
  const cases = metadataStoreCases.filter(({ name }) => name !== processCase);
  expect(await casesThatNothingFails(cases, brokenMetadataStores)).toEqual([]);
}, 60_000);

test("every broken metadata store is found out by a case of the kit", async () => {
  for (const [name, create] of Object.entries(brokenMetadataStores)) {
    let found = false;
    for (const one of metadataStoreCases.filter(({ name }) => name !== processCase)) {
      found ||= await runCase(one, { create }).then(
        () => false,
        () => true,
      );
      if (found) break;
    }
    expect(found, name).toBe(true);
  }
}, 60_000);

test("the case for several processes fails where each process has its own data", async () => {
  const module = new URL("./broken/process-bound-metadata-store.mjs", import.meta.url).href;
  const [one] = metadataStoreCases.filter(({ name }) => name === processCase);
  if (one === undefined) throw new Error("there is no such case");
  const create = () => ({ store: new MemoryMetadataStore(), elsewhere: { module, argument: "" } });
  await expect(runCase(one, { create, destroy: destroyMetadataStore })).rejects.toThrow(
    "two processes inserted one key",
  );
});

test("a kit refuses to skip what it has no case for, or without a reason", () => {
  const create = () => new MemoryMetadataStore();
  expect(() => testMetadataStore({ test, create, skip: { "dispose can be called agian": "typo" } })).toThrow(
    "Did you mean 'dispose can be called again'?",
  );
  expect(() => testMetadataStore({ test, create, skip: { "dispose can be called again": " " } })).toThrow(
    "without a reason",
  );
});
