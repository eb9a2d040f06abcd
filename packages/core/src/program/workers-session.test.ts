import { expect, test } from "vitest";
import { Ledger } from "../ledger/ledger.js";
import type { RunSummary } from "../ledger/runs.js";
import { MemoryMetadataStore } from "../testing/memory-metadata-store.js";

// Read when the module is loaded.
process.env.TENON_LEASE_SECONDS = "0.4";
const { driverLives, workersSession } = await import("./workers-session.js");

async function running(driver: string) {
  const ledger = await Ledger.open(new MemoryMetadataStore(), { project: "sessions" });
  const run = {
    id: "01JD3X0000000000000000000A",
    pipeline: "p",
    plan: "sha256:0",
    stack: { name: "s", components: {} },
    created: new Date().toISOString(),
    user: "u",
    host: "h",
    parameterOrigins: {},
    tags: [],
    versions: { core: "1", node: "20" },
  } as const;
  await ledger.startRun(run, driver);
  return { ledger, run: (await ledger.run(run.id)) as RunSummary };
}

test("a driver on another machine lives as long as it moves its counter", async () => {
  const { ledger, run } = await running("elsewhere:1");
  const beating = setInterval(() => void ledger.beat(run.id, 1), 50);
  expect(await driverLives(ledger, run.id, "elsewhere:1")).toBe(true);
  clearInterval(beating);
  expect(await driverLives(ledger, run.id, "elsewhere:1")).toBe(false);
});

test("workers do not touch a run that has a driver, and take it from one that is dead, all into one session", async () => {
  const { ledger, run } = await running("elsewhere:1");
  const beating = setInterval(() => void ledger.beat(run.id, 1), 50);
  await expect(workersSession(ledger, run)).rejects.toMatchObject({ code: "RUN_ACTIVE" });
  clearInterval(beating);
  expect(await Promise.all([1, 2, 3].map(() => workersSession(ledger, run)))).toEqual([2, 2, 2]);
});

test("workers live as long as one of them has a step and shows a pulse", async () => {
  const { ledger, run } = await running("workers");
  expect(await driverLives(ledger, run.id, "workers")).toBe(false);
  const { claim } = await ledger.claims.take(run.id, "fit", "elsewhere:2");
  let counter = 0;
  const beat = () => ledger.pulses.beat({ of: "claim", ...claim }, { process: "p", counter: ++counter });
  const beating = setInterval(() => void beat(), 50);
  expect(await driverLives(ledger, run.id, "workers")).toBe(true);
  clearInterval(beating);
  expect(await driverLives(ledger, run.id, "workers")).toBe(false);
});
