import assert from "node:assert/strict";
import { type BenchCase, outputs, statuses } from "./orchestrator-bench.js";
import * as pipelines from "./orchestrator-pipelines.js";

export const interruptionCases: readonly BenchCase[] = [
  {
    name: "a run that is cancelled ends what runs, starts nothing more, and says so in the ledger",
    async run(bench) {
      const abort = new AbortController();
      const running = bench.run(pipelines.cancelled(bench), { signal: abort.signal });
      await Promise.race([running, bench.until(async () => (await bench.marks("waiting")) > 0)]);
      abort.abort();
      const result = await running;
      assert.equal(result.status, "cancelled");
      assert.deepEqual(statuses(result), { waiting: "cancelled", add: "skipped" });
      const ledger = await bench.ledger();
      assert.equal((await ledger.run(result.id))?.status, "cancelled");
      const [attempt] = await ledger.attempts(result.id, "waiting");
      assert.equal(attempt?.end?.outcome, "cancelled");
    },
  },
  {
    name: "a run is cancelled by a request in the ledger",
    async run(bench) {
      let runId = "";
      const runStarted = (context: { runId: string }) => {
        runId = context.runId;
      };
      const hooks = { runStarted };
      const running = bench.run(pipelines.cancelled(bench), { hooks });
      await Promise.race([running, bench.until(async () => (await bench.marks("waiting")) > 0)]);
      await (await bench.ledger()).requestCancel(runId);
      assert.equal((await running).status, "cancelled");
    },
  },
  {
    name: "a failed run is resumed under its own id, and what was done is not done again",
    async run(bench) {
      const failed = await bench.run(pipelines.resumed(bench));
      assert.equal(failed.status, "failed");
      const result = await bench.resume(failed.id);
      assert.equal(result.id, failed.id);
      assert.equal(result.status, "succeeded");
      assert.deepEqual(await outputs(result), { x: 100 });
      assert.equal(await bench.marks("begin"), 1);
      const run = await (await bench.ledger()).run(failed.id);
      assert.deepEqual([run?.status, run?.session], ["succeeded", 2]);
    },
  },
];
