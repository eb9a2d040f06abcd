import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import {
  attemptExitCodes,
  defineOrchestrator,
  type Orchestrator,
  run,
  type StepEnd,
  type Submission,
  stack,
} from "@tenon/core";
import { filesystem, sqlite } from "@tenon/plugin-local";
import { expect, test } from "vitest";
import { z } from "zod";
import { project } from "./project.js";

const pipelines = `
import { existsSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { each, map, pipeline, step } from "@tenon/core";
export const list = step("list", ({ n }) => Array.from({ length: n }, (_, i) => i));
export const square = step("square", ({ x }) => x * x);
export const total = step({
  name: "total",
  retries: 1,
  backoff: 1,
  run: ({ xs, flaky }) => {
    console.log("adding up");
    if (!existsSync(flaky)) {
      writeFileSync(flaky, "");
      throw new Error("the first try fails");
    }
    return xs.reduce((sum, x) => sum + x, 0);
  },
});
export const fails = step("fails", () => { throw new RangeError("too far out"); });
export const waits = step("waits", async ({ started }, { signal }) => {
  writeFileSync(started, "");
  await sleep(60_000, undefined, { signal });
});
export const after = step("after", ({ x }) => x);
export const sums = pipeline("sums", () => ({ sum: total({ xs: map(square, { x: each(list({ n: 4 })) }), flaky: "flaky" }) }));
export const failing = pipeline("failing", () => ({ x: after({ x: fails({}) }) }));
export const waiting = pipeline("waiting", () => ({ x: waits({ started: "started" }) }));
`;

/** Takes a whole plan and starts a process a step, one after the other, as an engine elsewhere would. */
class Elsewhere implements Orchestrator {
  readonly capabilities = { parallel: 1, remote: true, schedule: false, resources: {} };

  async submit(submission: Submission) {
    const abort = new AbortController();
    const ending = this.#walk(submission, abort.signal);
    return {
      runId: submission.runId,
      status: async () => "running" as const,
      wait: () => ending,
      cancel: async () => abort.abort(),
      async *logs() {},
    };
  }

  async #walk({ plan, process: processOf }: Submission, signal: AbortSignal) {
    const ends: (StepEnd | undefined)[] = [];
    for (const { id } of plan.steps) {
      const { command, environment, directory } = processOf(id);
      const [program, ...argv] = command;
      const child = spawn(program, argv, { cwd: directory, env: { ...process.env, ...environment } });
      const kill = () => child.kill("SIGTERM");
      signal.addEventListener("abort", kill);
      const code = await new Promise((resolve) => child.once("close", resolve));
      signal.removeEventListener("abort", kill);
      ends.push(code === attemptExitCodes.succeeded ? "succeeded" : "failed");
      if (signal.aborted) return "cancelled";
    }
    return ends.includes("failed") ? "failed" : "succeeded";
  }
}

async function runElsewhere(files: ReturnType<typeof project>, name: string, signal?: AbortSignal) {
  const { [name]: pipeline } = await import(files.path("pipelines.mjs"));
  const engine = defineOrchestrator({
    flavor: "elsewhere",
    config: z.object({}),
    load: async () => ({ create: () => new Elsewhere() }),
  });
  const heard: string[] = [];
  const hear = ({ stepId }: { stepId: string }) => void heard.push(stepId);
  const result = await run(pipeline, {
    directory: files.directory,
    throwOnFailure: false,
    stack: stack({ name: "elsewhere", orchestrator: engine(), artifactStore: filesystem(), metadataStore: sqlite() }),
    hooks: { stepFinished: hear, stepCached: hear, stepFailed: hear, stepSkipped: hear },
    ...(signal && { signal }),
  });
  return { result, heard, outcome: Object.fromEntries(result.steps.map(({ id, status }) => [id, status])) };
}

test("an engine that takes whole plans runs a step a process, and a second run is cached", async () => {
  const files = project({ "pipelines.mjs": pipelines });
  const { result, heard, outcome } = await runElsewhere(files, "sums");
  expect(outcome).toEqual({ list: "succeeded", square: "succeeded", total: "succeeded" });
  expect(await (result.outputs as Record<string, { load(): Promise<unknown> }>).sum?.load()).toBe(14);
  expect(heard.sort()).toEqual(["list", "square", "total"]);
  expect((await files.tenon("run", "logs", result.id, "total")).stdout).toContain("adding up");
  expect((await runElsewhere(files, "sums")).outcome).toEqual({ list: "cached", square: "cached", total: "cached" });
});

test("what fails in an engine's process fails the run with its own error, and what waits for it is skipped", async () => {
  const files = project({ "pipelines.mjs": pipelines });
  const { result, outcome } = await runElsewhere(files, "failing");
  expect([result.status, outcome]).toEqual(["failed", { fails: "failed", after: "skipped" }]);
  expect(result.failures.map(({ error }) => String(error))).toEqual(["Error: too far out"]);
});

test("a run that an engine carries out is cancelled", async () => {
  const files = project({ "pipelines.mjs": pipelines });
  const abort = new AbortController();
  const running = runElsewhere(files, "waiting", abort.signal);
  const started = setInterval(() => {
    if (!existsSync(files.path("started"))) return;
    clearInterval(started);
    abort.abort();
  }, 20);
  expect((await running).outcome).toEqual({ waits: "cancelled" });
});
