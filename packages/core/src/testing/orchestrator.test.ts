import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { defineArtifactStore, defineMetadataStore, defineOrchestrator } from "../contracts/component.js";
import type { Launcher, Orchestrator } from "../contracts/orchestrator.js";
import { stack } from "../kernel/stack-definition.js";
import { brokenLaunchers, NaiveLauncher } from "./broken/launchers.js";
import { casesThatNothingFails } from "./kit.js";
import { MemoryArtifactStore } from "./memory-artifact-store.js";
import { MemoryMetadataStore } from "./memory-metadata-store.js";
import { NativeOrchestrator } from "./native-orchestrator.js";
import { type OrchestratorSubject, orchestratorCases, testOrchestrator } from "./orchestrator.js";
import { OrchestratorBench } from "./orchestrator-bench.js";
import { crowd } from "./orchestrator-pipelines.js";

function subject(create: () => Launcher | Orchestrator): OrchestratorSubject {
  const root = mkdtempSync(join(tmpdir(), "tenon-orchestrator-"));
  writeFileSync(join(root, "package.json"), JSON.stringify({ name: "kit", type: "module" }));
  const config = z.object({});
  return {
    root,
    stateDirectory: join(root, "state"),
    stack: stack({
      name: "kit",
      orchestrator: defineOrchestrator({ flavor: "naive", config, load: async () => ({ create }) })(),
      artifactStore: defineArtifactStore({
        flavor: "memory",
        config,
        load: async () => ({ create: () => new MemoryArtifactStore() }),
      })(),
      metadataStore: defineMetadataStore({
        flavor: "memory",
        config,
        load: async () => ({ create: () => new MemoryMetadataStore() }),
      })(),
    }),
    dispose: () => rmSync(root, { recursive: true, force: true }),
  };
}

testOrchestrator({ test, create: () => subject(() => new NaiveLauncher()), prefix: "a naive launcher" });
testOrchestrator({ test, create: () => subject(() => new NativeOrchestrator()), prefix: "one that takes whole plans" });

test("Node has nothing to warn of while an engine that takes whole plans runs many steps", async () => {
  const warnings: Error[] = [];
  const note = (warning: Error) => warnings.push(warning);
  process.on("warning", note);
  const used = subject(() => new NativeOrchestrator());
  const bench = await OrchestratorBench.open(used);
  try {
    expect((await bench.run(crowd(bench, 20))).status).toBe("succeeded");
    await new Promise(setImmediate);
    expect(warnings).toEqual([]);
  } finally {
    process.off("warning", note);
    await bench.close();
    await used.dispose?.();
  }
});

test("every case of the orchestrator's kit fails on a broken launcher", { timeout: 120_000 }, async () => {
  const broken = Object.entries(brokenLaunchers).map(([name, create]) => [name, () => subject(create)] as const);
  expect(await casesThatNothingFails(orchestratorCases, Object.fromEntries(broken))).toEqual([]);
});
