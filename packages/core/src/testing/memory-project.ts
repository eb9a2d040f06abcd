import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { Client } from "../client/client.js";
import { defineArtifactStore, defineMetadataStore, defineOrchestrator } from "../contracts/component.js";
import type { Kernel } from "../kernel/kernel.js";
import { openKernel } from "../kernel/open-kernel.js";
import { type Stack, stack } from "../kernel/stack-definition.js";
import { Ledger } from "../ledger/ledger.js";
import type { PipelineDefinition, PipelineOutputs } from "../pipeline/pipeline.js";
import { resume, run } from "../program/api.js";
import type { RunOptions, SessionOptions } from "../program/run.js";
import type { RunResult } from "../program/run-result.js";
import { NaiveLauncher } from "./broken/launchers.js";
import { MemoryArtifactStore } from "./memory-artifact-store.js";
import { MemoryMetadataStore } from "./memory-metadata-store.js";

/** A project whose stores are in memory, and outlive the kernels that are opened for it: for tests of what runs leave. */
export class MemoryProject {
  /** One for all projects of a process, with what was found out about the code of their steps. */
  static #shared: { readonly root: string; readonly kernel: Promise<Kernel> } | undefined;

  readonly root: string;
  readonly metadata = new MemoryMetadataStore();
  readonly artifacts = new MemoryArtifactStore();
  readonly stack: Stack;
  readonly client: Client;

  constructor() {
    this.root = MemoryProject.#directory().root;
    const config = z.object({});
    const component = (create: () => never) => ({ flavor: "memory", config, load: async () => ({ create }) });
    this.stack = stack({
      name: "memory",
      orchestrator: defineOrchestrator(component(() => new NaiveLauncher() as never))(),
      artifactStore: defineArtifactStore(component(() => this.artifacts as never))(),
      metadataStore: defineMetadataStore(component(() => this.metadata as never))(),
    });
    this.client = new Client({ directory: this.root, stack: this.stack });
  }

  async ledger(): Promise<Ledger> {
    return await Ledger.open(this.metadata, { project: "memory" });
  }

  async run<P extends PipelineDefinition>(
    pipeline: P,
    options: Partial<RunOptions> = {},
  ): Promise<RunResult<PipelineOutputs<P>>> {
    return (await run(pipeline, { ...(await this.#session()), ...options } as never)) as never;
  }

  async resume(runId: string): Promise<RunResult> {
    return await resume(runId, await this.#session());
  }

  async #session(): Promise<SessionOptions> {
    return { stack: this.stack, kernel: await MemoryProject.#directory().kernel };
  }

  static #directory() {
    if (MemoryProject.#shared) return MemoryProject.#shared;
    const root = mkdtempSync(join(tmpdir(), "tenon-memory-"));
    process.once("exit", () => rmSync(root, { recursive: true, force: true }));
    writeFileSync(join(root, "package.json"), JSON.stringify({ name: "memory", type: "module" }));
    writeFileSync(join(root, "tenon.yaml"), "project: memory\n");
    MemoryProject.#shared = { root, kernel: openKernel({ cwd: root }) };
    return MemoryProject.#shared;
  }

  async dispose(): Promise<void> {
    await this.client.close();
  }
}
