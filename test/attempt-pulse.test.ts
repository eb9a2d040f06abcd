import { expect, test } from "vitest";
import { project } from "./project.js";

/** Computes without a pause until its pulse is in the ledger, or for half a minute; looks from another process. */
const pipeline = `
import { execFileSync } from "node:child_process";
import { pipeline, step } from "@tenon/core";
export const busy = step({ name: "busy", cache: false, run: async ({}, { run }) => {
  const until = performance.now() + 30_000;
  while (performance.now() < until) {
    if (execFileSync(process.execPath, ["look.mjs", run.id], { encoding: "utf8" }) === "alive") return "seen alive";
  }
  return "taken for dead";
} });
export const computing = pipeline("computing", () => ({ how: busy({}) }));
`;
const look = `
import { openKernel, openLedger } from "@tenon/core/internal";
const kernel = await openKernel();
const { metadataStore } = await kernel.resolveStack("children", { kinds: ["metadataStore"] });
const ledger = await openLedger(metadataStore, { project: "test" });
const [pulse] = await ledger.pulses.read([{ of: "attempt", runId: process.argv[2], stepId: "busy", number: 1 }]);
process.stdout.write(pulse?.counter > 1 ? "alive" : "");
await kernel.dispose();
`;
const run = `
import { run } from "@tenon/core";
import { computing } from "./pipeline.mjs";
const { outputs } = await run(computing, { stack: "children" });
console.log(await outputs.how.load());
`;
const configuration = `project: test
stacks:
  children:
    orchestrator: child-processes/child-processes
    artifactStore: local/filesystem
    metadataStore: local/sqlite
`;

test("an attempt that computes without a pause has a pulse once it outlasts a beat", async () => {
  const its = project({ "pipeline.mjs": pipeline, "look.mjs": look, "run.mjs": run, "tenon.yaml": configuration });
  its.depend({ "tenon-child-processes": "test/integrations/child-processes" });
  const ended = await its.node("run.mjs");
  expect([ended.code, ended.stdout, ended.stderr]).toEqual([0, "seen alive\n", ""]);
});
