import { expect, test } from "vitest";
import { MemoryMetadataStore } from "../testing/memory-metadata-store.js";
import { Ledger } from "./ledger.js";

const ledger = () => Ledger.open(new MemoryMetadataStore(), { project: "claims" });

test("of many workers that want a step at once, one has it", async () => {
  const { claims } = await ledger();
  const answers = await Promise.all(["a", "b", "c", "d"].map((worker) => claims.take("run", "fit", worker)));
  const [winner, ...others] = answers.filter(({ mine }) => mine);
  expect(others).toEqual([]);
  expect(new Set(answers.map(({ claim }) => claim.worker))).toEqual(new Set([winner?.claim.worker]));
});

test("a step that was given back can be taken by another", async () => {
  const { claims } = await ledger();
  const { claim } = await claims.take("run", "fit", "a");
  expect(await claims.release(claim)).toBe(true);
  expect(await claims.take("run", "fit", "b")).toMatchObject({ mine: true, claim: { number: 2, worker: "b" } });
});

test("who was taken for dead has lost the step, and cannot give it back", async () => {
  const { claims } = await ledger();
  const { claim } = await claims.take("run", "fit", "a");
  const answers = await Promise.all(["b", "c"].map((worker) => claims.take("run", "fit", worker, claim)));
  expect(answers.filter(({ mine }) => mine)).toHaveLength(1);
  expect(await claims.holds(claim)).toBe(false);
  expect(await claims.release(claim)).toBe(false);
  expect(await claims.open("run")).toMatchObject([{ stepId: "fit", number: 2 }]);
});

test("a taker who was slow does not take the step from the one that was faster", async () => {
  const { claims } = await ledger();
  const { claim: dead } = await claims.take("run", "fit", "a");
  const { claim } = await claims.take("run", "fit", "b", dead);
  expect(await claims.take("run", "fit", "c", dead)).toEqual({ mine: false, claim });
});

test("steps whose names begin alike are claimed apart", async () => {
  const { claims } = await ledger();
  for (const step of ["fit", "fit[0]", "fit/2", "fitness"]) {
    expect(await claims.take("run", step, "a")).toMatchObject({ mine: true, claim: { number: 1 } });
  }
  expect((await claims.open("run")).map(({ stepId }) => stepId).sort()).toEqual(["fit", "fit/2", "fit[0]", "fitness"]);
});
