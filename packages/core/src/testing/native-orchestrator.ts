import { spawn } from "node:child_process";
import type { RunStatus } from "../contracts/hooks.js";
import {
  attemptExitCodes,
  type Capabilities,
  type Orchestrator,
  type RunHandle,
  type StepEnd,
  type Submission,
} from "../contracts/orchestrator.js";

/**
 * The smallest orchestrator that takes whole plans, for tests: it knows which step waits for which, and starts each when
 * its turn has come; in this process, or each in one of its own.
 */
export class NativeOrchestrator implements Orchestrator {
  readonly capabilities: Capabilities;
  readonly #processes: boolean;

  constructor({ processes = false }: { readonly processes?: boolean } = {}) {
    this.#processes = processes;
    const resources = { cpu: 4, memory: 2 ** 40, time: Number.POSITIVE_INFINITY };
    this.capabilities = { parallel: 4, remote: processes, schedule: false, resources };
  }

  async submit(submission: Submission): Promise<RunHandle> {
    const abort = new AbortController();
    let status: RunStatus = "running";
    const ending = this.#walk(submission, abort.signal).then((end) => {
      status = end;
      return end;
    });
    ending.catch(() => {});
    return {
      runId: submission.runId,
      status: async () => status,
      wait: () => ending,
      cancel: async () => abort.abort(new Error("cancelled")),
      async *logs() {},
    };
  }

  async #walk(submission: Submission, signal: AbortSignal): Promise<RunStatus> {
    const { plan, done } = submission;
    const ends = new Map<string, Promise<StepEnd>>();
    let stopping = false;
    let running = 0;
    const waiting: (() => void)[] = [];
    const run = async (stepId: string): Promise<StepEnd> => {
      if (running >= this.capabilities.parallel) await new Promise<void>((resolve) => waiting.push(resolve));
      if (stopping || signal.aborted) return "skipped";
      running += 1;
      const end = await this.start(submission, stepId, signal);
      running -= 1;
      stopping ||= end === "failed" && plan.onFailure === "stop";
      waiting.shift()?.();
      return end;
    };
    for (const step of plan.steps) {
      const needed = [...new Set([...JSON.stringify(step.inputs).matchAll(/"step":"([^"]+)"/g)].map(([, id]) => id))];
      const before = [...needed, ...step.after].map((id) => ends.get(id as string));
      const end = Promise.all(before).then((all): StepEnd | Promise<StepEnd> => {
        if (done.has(step.id)) return "succeeded";
        return all.some((one) => one !== "succeeded" && one !== "cached") ? "skipped" : run(step.id);
      });
      ends.set(step.id, end);
    }
    const all = await Promise.all(ends.values());
    if (signal.aborted) return "cancelled";
    return all.includes("failed") ? "failed" : "succeeded";
  }

  protected start(submission: Submission, stepId: string, signal: AbortSignal): Promise<StepEnd> {
    if (!this.#processes) return submission.runStep(stepId, signal);
    const { command, environment, directory } = submission.process(stepId);
    const [program, ...argv] = command;
    return new Promise((resolve, reject) => {
      const child = spawn(program, argv, { cwd: directory, env: { ...process.env, ...environment }, stdio: "ignore" });
      signal.addEventListener("abort", () => child.kill("SIGTERM"), { once: true });
      child.once("error", reject);
      child.once("exit", (code) => resolve(code === attemptExitCodes.succeeded ? "succeeded" : "failed"));
    });
  }
}
