import assert from "node:assert/strict";
import type { RunResult } from "../program/run-result.js";
import { type BenchCase, outputs, statuses } from "./orchestrator-bench.js";
import * as pipelines from "./orchestrator-pipelines.js";

export const failureCases: readonly BenchCase[] = [
  {
    name: "a failing step fails the run with its own error and causes, and independent branches finish",
    async run(bench) {
      const result = await bench.run(pipelines.branches(bench, "continue"), { hooks: bench.gateOpensOnFailure });
      assert.equal(result.status, "failed");
      const { failing, add, add_3: good } = statuses(result);
      assert.deepEqual([failing, add, good], ["failed", "skipped", "succeeded"]);
      const error = result.failures[0]?.error as Error;
      assert.match(error.message, /the outer reason/);
      assert.match(String(error.stack), /orchestrator-pipelines|testing/);
      assert.match(String((error.cause as Error).message), /the inner reason/);
      const skipped = await (await bench.ledger()).stepRun(result.id, "add");
      assert.match(String(skipped?.because), /failing/);
      assert.deepEqual(await outputs(result), { good: 2 });
    },
  },
  {
    name: "a pipeline that stops at the first failure starts nothing more",
    async run(bench) {
      const result = await bench.run(pipelines.branches(bench, "stop"), { hooks: bench.gateOpensOnFailure });
      assert.equal(result.status, "failed");
      assert.equal(statuses(result).failing, "failed");
      assert.equal(statuses(result).add_3, "skipped");
      assert.notEqual(statuses(result).gate, "failed");
    },
  },
  {
    name: "a step is tried again until it succeeds",
    async run(bench) {
      const result = await bench.run(pipelines.retried(bench, 2));
      assert.deepEqual(await outputs(result), { calls: 3 });
      const attempts = await (await bench.ledger()).attempts(result.id, "flaky");
      assert.deepEqual(
        attempts.map(({ end }) => end?.outcome),
        ["failed", "failed", "committed"],
      );
    },
  },
  {
    name: "a step that keeps failing is given up after its retries",
    async run(bench) {
      const result = await bench.run(pipelines.retried(bench, 5));
      assert.equal(result.status, "failed");
      assert.match(String(result.failures[0]?.error), /call 3 fails/);
      assert.equal(await bench.marks("flaky"), 3);
    },
  },
  {
    name: "a step that hangs is ended after its timeout",
    async run(bench) {
      const result = await bench.run(pipelines.timedOut(bench));
      assert.equal(result.status, "failed");
      assert.equal(codeOf(result), "STEP_TIMED_OUT");
      const [attempt] = await (await bench.ledger()).attempts(result.id, "hanging");
      assert.equal(attempt?.end?.outcome, "timed out");
      // In a process of its own it may not have come so far as to begin.
      await bench.until(async () => (await bench.marks("hanging-ended")) === (await bench.marks("hanging-begun")));
    },
  },
  {
    name: "an attempt that comes to its end after it was given up records nothing",
    async run(bench) {
      const result = await bench.run(pipelines.lateOnce(bench));
      assert.deepEqual(await outputs(result), { when: "in time" });
      // A process that serves this attempt alone need not wait for it.
      await bench.within(5_000, async () => (await bench.marks("late-ended")) > 0);
      const ledger = await bench.ledger();
      assert.equal((await ledger.artifactVersions("late_once.late")).length, 1);
      const [first] = await ledger.attempts(result.id, "late");
      assert.equal(first?.end?.outcome, "timed out");
    },
  },
  {
    name: "a step with other outputs than it declares fails, and what it returned is named",
    async run(bench) {
      const result = await bench.run(pipelines.wrongOutputs);
      const error = result.failures[0]?.error as Error & { code?: string };
      assert.equal(error.code, "OUTPUT_INVALID");
      assert.match(error.message, /'rihgt'/);
    },
  },
  {
    name: "an element that fails fails its map, and the other elements finish",
    async run(bench) {
      const result = await bench.run(pipelines.partlyMapped);
      assert.deepEqual(statuses(result), { count: "succeeded", halve: "failed", total: "skipped" });
      const steps = new Map((await (await bench.ledger()).stepRuns(result.id)).map((one) => [one.stepId, one.status]));
      assert.deepEqual(
        [0, 1, 2, 3].map((index) => steps.get(`halve[${index}]`)),
        ["succeeded", "failed", "succeeded", "failed"],
      );
    },
  },
  {
    name: "lists of unequal lengths cannot be mapped side by side",
    async run(bench) {
      const result = await bench.run(pipelines.unequal);
      assert.equal(codeOf(result), "INPUT_INVALID");
      assert.match(String(result.failures[0]?.error), /'x' has 2 elements and 'y' has 3/);
    },
  },
];

function codeOf({ failures }: RunResult): unknown {
  return (failures[0]?.error as { code?: unknown } | undefined)?.code;
}
