import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { type Attempt, type AttemptStatus, isLauncher, type Launcher } from "../contracts/orchestrator.js";
import { TenonError } from "../errors.js";
import { changed } from "./changed-launcher.js";
import { type BenchCase, type OrchestratorBench, outputs } from "./orchestrator-bench.js";
import * as pipelines from "./orchestrator-pipelines.js";

/** Starts every attempt twice, as engines do now and then. */
function doubling(launcher: Launcher): Launcher {
  return changed(launcher, {
    async launch(attempts, signal) {
      const ids = await launcher.launch(attempts, signal);
      await launcher.launch(attempts, signal);
      return ids;
    },
  });
}

/** Loses the first attempt that it is given before that has begun. */
function forgetful(launcher: Launcher): Launcher {
  let lost: string | undefined;
  return changed(launcher, {
    async launch(attempts, signal) {
      if (lost !== undefined) return launcher.launch(attempts, signal);
      const [first, ...others] = attempts as readonly [Attempt, ...Attempt[]];
      lost = `lost ${first.id}`;
      return [lost, ...(others.length > 0 ? await launcher.launch(others, signal) : [])];
    },
    async poll(ids) {
      const known = ids.filter((id) => id !== lost);
      const statuses = known.length > 0 ? await launcher.poll(known) : [];
      const gone: AttemptStatus = {
        state: "exited",
        exit: { kind: "crashed", reason: "its node failed", retry: true },
      };
      return ids.map((id) => (id === lost ? gone : (statuses[known.indexOf(id)] as AttemptStatus)));
    },
  });
}

/** A run that waits at the gate, and its id. */
async function waiting(bench: OrchestratorBench) {
  let runId = "";
  const runStarted = (context: { readonly runId: string }) => {
    runId = context.runId;
  };
  const running = bench.run(pipelines.gated(bench), { hooks: { runStarted } });
  running.catch(() => {});
  await Promise.race([running, bench.until(async () => (await bench.marks("at-gate")) > 0)]);
  return { running, runId };
}

export const recoveryCases: readonly BenchCase[] = [
  {
    name: "an attempt that is started twice commits once, and the other one leaves nothing",
    async run(bench) {
      const { orchestrator } = await bench.stack();
      if (!isLauncher(orchestrator)) return;
      await bench.replaceLauncher(doubling(orchestrator));
      const result = await bench.run(pipelines.chain(bench));
      assert.deepEqual(await outputs(result), { x: 5 });
      const ledger = await bench.ledger();
      const attempts = await ledger.attempts(result.id);
      assert.deepEqual(
        attempts.map(({ number, end }) => [number, end?.outcome]),
        attempts.map(() => [1, "committed"]),
      );
      const made = (await ledger.stepRuns(result.id)).flatMap((step) => Object.values(step.outputs));
      for (const id of made) assert.match(id, /@1$/);
      // The one that lost may still be about to take away what it had stored.
      await bench.until(async () => (await bench.unnamed()).length === 0);
    },
  },
  {
    name: "an attempt that the engine has lost is started again, also without retries of the step",
    async run(bench) {
      const { orchestrator } = await bench.stack();
      if (!isLauncher(orchestrator)) return;
      await bench.replaceLauncher(forgetful(orchestrator));
      const result = await bench.run(pipelines.chain(bench, pipelines.uncached));
      assert.deepEqual(await outputs(result), { x: 5 });
      const [lost, again] = await (await bench.ledger()).attempts(result.id, "begin");
      assert.deepEqual([lost?.end?.outcome, again?.end?.outcome], ["crashed", "committed"]);
      assert.equal(await bench.marks("begin"), 1);
    },
  },
  {
    name: "a driver that has lost its run stops and records nothing, and the next one brings the run to its end",
    async run(bench) {
      const { running, runId } = await waiting(bench);
      const ledger = await bench.ledger();
      // Whoever it is that has taken the run over: it has died since.
      const { number } = await ledger.beginSession(runId, `${hostname()}:${2 ** 22 + 1}`);
      await assert.rejects(running, (error) => TenonError.is(error, "RUN_LEASE_LOST"));
      assert.deepEqual(
        (await ledger.stepRuns(runId)).map(({ stepId }) => stepId),
        [],
      );
      assert.equal((await ledger.run(runId))?.session, number);
      const going = bench.resume(runId);
      await writeFile(join(bench.directory, "gate"), "");
      assert.deepEqual(await outputs(await going), { x: 1 });
      assert.equal((await ledger.artifactVersions("gated.gate")).length, 1);
      const committed = (await ledger.attempts(runId, "gate")).filter(({ end }) => end?.outcome === "committed");
      assert.equal(committed.length, 1);
    },
  },
  {
    name: "what the engine runs for a driver that is no more is not started again, where its names last",
    async run(bench) {
      const { orchestrator } = await bench.stack();
      const lasting = isLauncher(orchestrator) && orchestrator.lasting === true;
      const { running, runId } = await waiting(bench);
      await (await bench.ledger()).beginSession(runId, `${hostname()}:${2 ** 22 + 1}`);
      await running.catch(() => {});
      const going = bench.resume(runId);
      await writeFile(join(bench.directory, "gate"), "");
      assert.deepEqual(await outputs(await going), { x: 1 });
      if (lasting) assert.equal(await bench.marks("at-gate"), 1);
    },
  },
];
