import type { RunStatus } from "../contracts/hooks.js";
import type { Capabilities, Orchestrator, RunHandle, StepEnd, Submission } from "../contracts/orchestrator.js";

/**
 * The smallest orchestrator that takes whole plans, for tests: it knows which step waits for which, and starts each when
 * its turn has come.
 */
export class NativeOrchestrator implements Orchestrator {
  readonly capabilities: Capabilities = {
    parallel: 4,
    remote: false,
    schedule: false,
    resources: { cpu: 4, memory: 2 ** 40, time: Number.POSITIVE_INFINITY },
  };

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
      const end = await submission.runStep(stepId, signal);
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
}
