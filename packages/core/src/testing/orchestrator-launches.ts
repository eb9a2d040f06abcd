import assert from "node:assert/strict";
import { once } from "node:events";
import { isLauncher, type Launcher, type LaunchRefusal } from "../contracts/orchestrator.js";
import { changed } from "./changed-launcher.js";
import { type BenchCase, outputs, statuses } from "./orchestrator-bench.js";
import * as pipelines from "./orchestrator-pipelines.js";

/** Does not take attempts of one step, so often. */
function refusing(launcher: Launcher, stepId: string, times: number): Launcher {
  const refusal: LaunchRefusal = { refused: "there is no queue of that name", fix: "Name another queue." };
  let left = times;
  return changed(launcher, {
    async launch(attempts, signal) {
      const refused = new Set(attempts.filter((attempt) => attempt.stepId === stepId && left-- > 0));
      const taken = attempts.filter((attempt) => !refused.has(attempt));
      const ids = taken.length > 0 ? await launcher.launch(taken, signal) : [];
      return attempts.map((attempt) => ids[taken.indexOf(attempt)] ?? refusal);
    },
  });
}

/** Waits for an engine that does not answer, once it is given an attempt of that step. */
function stalled(launcher: Launcher, stepId: string, reached: () => void): Launcher {
  return changed(launcher, {
    async launch(attempts, signal) {
      if (!attempts.some((attempt) => attempt.stepId === stepId)) return launcher.launch(attempts, signal);
      reached();
      if (!signal.aborted) await once(signal, "abort");
      throw new Error("the engine does not answer");
    },
  });
}

/** What becomes of attempts that an engine does not take. */
export const launchCases: readonly BenchCase[] = [
  {
    name: "a step that the engine refuses fails with what it says, and independent branches finish",
    async run(bench) {
      const { orchestrator } = await bench.stack();
      if (!isLauncher(orchestrator)) return;
      await bench.replaceLauncher(refusing(orchestrator, "failing", 1));
      const result = await bench.run(pipelines.branches(bench, "continue"), { hooks: bench.gateOpensOnFailure });
      assert.equal(result.status, "failed");
      const { failing, add, add_3: good } = statuses(result);
      assert.deepEqual([failing, add, good], ["failed", "skipped", "succeeded"]);
      const error = result.failures[0]?.error as Error & { readonly code?: string };
      assert.equal(error.code, "ORCHESTRATOR_REFUSED");
      assert.match(error.message, /'failing'.*there is no queue of that name.*Name another queue/s);
      assert.deepEqual(await outputs(result), { good: 2 });
      const [attempt] = await (await bench.ledger()).attempts(result.id, "failing");
      assert.deepEqual([attempt?.end?.outcome, attempt?.end?.error?.code], ["failed", "ORCHESTRATOR_REFUSED"]);
    },
  },
  {
    name: "a step that the engine refuses is tried again as often as it may",
    async run(bench) {
      const { orchestrator } = await bench.stack();
      if (!isLauncher(orchestrator)) return;
      await bench.replaceLauncher(refusing(orchestrator, "flaky", 2));
      const result = await bench.run(pipelines.retried(bench, 0));
      assert.deepEqual(await outputs(result), { calls: 1 });
      const attempts = await (await bench.ledger()).attempts(result.id, "flaky");
      assert.deepEqual(
        attempts.map(({ end }) => end?.outcome),
        ["failed", "failed", "committed"],
      );
    },
  },
  {
    name: "a run is cancelled while its launcher waits for the engine",
    async run(bench) {
      const { orchestrator } = await bench.stack();
      if (!isLauncher(orchestrator)) return;
      const abort = new AbortController();
      await bench.replaceLauncher(stalled(orchestrator, "add", () => abort.abort()));
      const result = await bench.run(pipelines.chain(bench, pipelines.uncached), { signal: abort.signal });
      assert.equal(result.status, "cancelled");
      const { begin, add } = statuses(result);
      assert.deepEqual([begin, add], ["succeeded", "cancelled"]);
      const [attempt] = await (await bench.ledger()).attempts(result.id, "add");
      assert.equal(attempt?.end?.outcome, "cancelled");
    },
  },
];
