import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { defineArtifactStore, defineMetadataStore, defineOrchestrator } from "../contracts/component.js";
import type { MetadataRecord, ScanOptions } from "../contracts/metadata-store.js";
import { openKernel } from "../kernel/open-kernel.js";
import { stack } from "../kernel/stack-definition.js";
import { Ledger } from "../ledger/ledger.js";
import { pipeline } from "../pipeline/pipeline.js";
import { toErrorRecord } from "../runtime/error-record.js";
import { StepRecords } from "../runtime/step-records.js";
import { MemoryArtifactStore } from "../testing/memory-artifact-store.js";
import { MemoryMetadataStore } from "../testing/memory-metadata-store.js";
import { NativeOrchestrator } from "../testing/native-orchestrator.js";
import { begin } from "../testing/orchestrator-pipelines.js";
import { recordForWorkers } from "./leave-run.js";
import { runSteps } from "./step-run.js";

/** Lets somebody else act at the moment when claims are looked at first. */
class OvertakenStore extends MemoryMetadataStore {
  meanwhile: (() => Promise<void>) | undefined;

  override async scan(prefix: string, options?: ScanOptions): Promise<readonly MetadataRecord[]> {
    const { meanwhile } = this;
    if (meanwhile && prefix.includes("/claim/")) {
      this.meanwhile = undefined;
      await meanwhile();
    }
    return super.scan(prefix, options);
  }
}

/** A project, with a stack whose metadata store others can act on. */
async function opened() {
  const root = mkdtempSync(join(tmpdir(), "tenon-step-run-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  writeFileSync(join(root, "package.json"), JSON.stringify({ name: "workers", type: "module" }));
  const store = new OvertakenStore();
  const config = z.object({});
  const orchestrator = () => new NativeOrchestrator();
  const artifacts = () => new MemoryArtifactStore();
  const used = stack({
    name: "workers",
    orchestrator: defineOrchestrator({ flavor: "native", config, load: async () => ({ create: orchestrator }) })(),
    artifactStore: defineArtifactStore({ flavor: "memory", config, load: async () => ({ create: artifacts }) })(),
    metadataStore: defineMetadataStore({ flavor: "memory", config, load: async () => ({ create: () => store }) })(),
  });
  const kernel = await openKernel({ root });
  onTestFinished(() => kernel.dispose());
  return { root, store, options: { kernel, stack: used } };
}

test("a worker leaves a step alone that another has failed since it looked", async () => {
  const { root, store, options } = await opened();
  const one = pipeline("one", () => ({ x: begin({ directory: root }) }));
  const { id: runId } = await recordForWorkers(one, options);

  const ledger = await Ledger.open(store, { project: options.kernel.project.name });
  store.meanwhile = async () => {
    const answer = await ledger.claims.take(runId, "begin", "elsewhere 1 2");
    const records = new StepRecords({ id: runId, ledger, session: 1 });
    const error = new Error("bad luck");
    records.failed({ id: "begin", inputs: {}, attempt: 1 }, { error, record: toErrorRecord(error), durationMs: 1 });
    await records.flush();
    await ledger.claims.release(answer.claim);
  };
  expect([...(await runSteps(runId, undefined, options))]).toEqual([]);
  const { status, attempt } = (await ledger.stepRun(runId, "begin")) ?? {};
  expect([status, attempt, (await ledger.run(runId))?.status]).toEqual(["failed", 1, "failed"]);
});

test("a plan that is left to workers takes no parameters: its own are settled", async () => {
  const { options } = await opened();
  const leaving = recordForWorkers({ planFile: "plan.yaml" }, { ...options, params: { rate: 1 } });
  await expect(leaving).rejects.toMatchObject({
    code: "PARAMETER_INVALID",
    fix: expect.stringContaining("Leave them out"),
  });
});
