import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArtifactVault } from "../artifacts/artifact-vault.js";
import { wholeLogs } from "../client/log-sources.js";
import { kinds } from "../contracts/component.js";
import type { HookContexts, HookName } from "../contracts/hooks.js";
import type { Launcher } from "../contracts/orchestrator.js";
import type { Kernel } from "../kernel/kernel.js";
import { openKernel } from "../kernel/open-kernel.js";
import type { ResolvedStack } from "../kernel/stack.js";
import { Ledger } from "../ledger/ledger.js";
import type { PipelineDefinition } from "../pipeline/pipeline.js";
import { type RunOptions, run } from "../program/run.js";
import { resume } from "../program/run-plan.js";
import type { RunResult } from "../program/run-result.js";
import type { OrchestratorSubject } from "./orchestrator.js";

/** Runs pipelines on the stack under test, and looks at what has come of them. */
export class OrchestratorBench {
  /** What the steps share. */
  readonly directory: string;
  readonly #kernel: Kernel;
  readonly #subject: OrchestratorSubject;

  private constructor(subject: OrchestratorSubject, kernel: Kernel, directory: string) {
    this.#subject = subject;
    this.#kernel = kernel;
    this.directory = directory;
  }

  static async open(subject: OrchestratorSubject): Promise<OrchestratorBench> {
    const { root, stateDirectory } = subject;
    const kernel = await openKernel({ root, stateDirectory });
    return new OrchestratorBench(subject, kernel, await mkdtemp(join(tmpdir(), "tenon-kit-")));
  }

  async close(): Promise<void> {
    await this.#kernel.dispose();
    await rm(this.directory, { recursive: true, force: true });
  }

  run(pipeline: PipelineDefinition, options: RunOptions = {}): Promise<RunResult> {
    return run(pipeline, { ...this.#options(), ...options });
  }

  stack(): Promise<ResolvedStack> {
    return this.#kernel.resolveStack(this.#subject.stack);
  }

  /** From now on runs have this launcher. */
  async replaceLauncher(launcher: Launcher): Promise<void> {
    (await this.stack()).container.registerValue(kinds.orchestrator.token, launcher);
  }

  /** What lies in the artifact store, and no artifact is there. */
  async unnamed(): Promise<string[]> {
    const [ledger, { artifactStore: store }] = [await this.ledger(), await this.stack()];
    const root = `${ledger.id}/${ledger.project}`;
    const vault = new ArtifactVault({ store, materializers: this.#kernel.materializers, root });
    const named = new Set<string>();
    for (const name of await ledger.artifactNames()) {
      for (const { location } of await ledger.artifactVersions(name)) named.add(location);
    }
    const found: string[] = [];
    for await (const { location } of vault.places()) if (!named.has(location)) found.push(location);
    return found;
  }

  resume(runId: string): Promise<RunResult> {
    return resume(runId, this.#options());
  }

  async ledger(): Promise<Ledger> {
    const { metadataStore } = await this.#kernel.resolveStack(this.#subject.stack);
    return Ledger.open(metadataStore, { project: this.#kernel.project.name });
  }

  async parallel(): Promise<number> {
    return (await this.stack()).orchestrator.capabilities.parallel;
  }

  async log(runId: string, stepId: string): Promise<string> {
    const isAsked = (id: string) => id === stepId;
    const logs = await wholeLogs(await this.ledger(), this.#subject.stateDirectory, runId, isAsked);
    return logs.map(({ text }) => text).join("");
  }

  /** How often a step has left its mark. */
  async marks(name: string): Promise<number> {
    const place = join(this.directory, name);
    return existsSync(place) ? (await readdir(place)).length : 0;
  }

  /** Waits for something that the steps do; the test's own time limit bounds it. */
  async until(condition: () => Promise<boolean>): Promise<void> {
    while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  /** Waits as long for something that may not come. */
  async within(milliseconds: number, condition: () => Promise<boolean>): Promise<boolean> {
    const end = performance.now() + milliseconds;
    while (performance.now() < end) {
      if (await condition()) return true;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return false;
  }

  /** What waits at the gate goes on once a step has failed. */
  get gateOpensOnFailure(): NonNullable<RunOptions["hooks"]> {
    return { stepFailed: () => writeFile(join(this.directory, "gate"), "") };
  }

  heard<N extends HookName>(name: N): HookContexts[N][] {
    const heard: HookContexts[N][] = [];
    this.#kernel.hooks.on(name, (context) => void heard.push(context));
    return heard;
  }

  #options(): RunOptions {
    return { kernel: this.#kernel, stack: this.#subject.stack, throwOnFailure: false };
  }
}

/** A promise that is tried on a bench. */
export interface BenchCase {
  readonly name: string;
  run(bench: OrchestratorBench): Promise<void>;
}

export async function outputs(result: RunResult): Promise<Record<string, unknown>> {
  const entries = Object.entries(result.outputs).map(async ([name, output]) => [name, await output.load()] as const);
  return Object.fromEntries(await Promise.all(entries));
}

export function statuses(result: RunResult): Record<string, string> {
  return Object.fromEntries(result.steps.map(({ id, status }) => [id, status]));
}
