import { setTimeout as sleep } from "node:timers/promises";
import { TenonError } from "../errors.js";
import type { Ledger } from "../ledger/ledger.js";
import type { RunSummary } from "../ledger/runs.js";
import { lookMs, Watch } from "../runtime/lease.js";
import { driverAlive, workers } from "../runtime/session.js";

/**
 * The session that workers without a driver share: the run's own if it was left to them, else one that ends a dead driver's.
 *
 * @throws `RUN_ACTIVE` if a driver goes on with the run
 */
export async function workersSession(ledger: Ledger, run: RunSummary): Promise<number> {
  for (;;) {
    const latest = await ledger.latestSession(run.id);
    const { status } = (await ledger.run(run.id)) ?? run;
    if (latest?.driver === workers && status === "running") return latest.number;
    if (status === "succeeded") return latest?.number ?? 0;
    if (latest && status === "running" && (await driverLives(ledger, run.id, latest.driver))) {
      throw new TenonError("RUN_ACTIVE", {
        doing: `running steps of run ${run.id}`,
        found: `it is driven by ${latest.driver}, which sees to all of its steps`,
        fix: `See how it goes: tenon run show ${run.id}`,
      });
    }
    try {
      return (await ledger.beginSession(run.id, workers, latest?.number ?? 0)).number;
    } catch (error) {
      // Another worker has begun it at the same time.
      if (!TenonError.is(error, "RUN_LEASE_LOST")) throw error;
    }
  }
}

/** Whether a driver's counter moves while it is watched, where it cannot be asked. */
export async function driverLives(ledger: Ledger, runId: string, driver: string): Promise<boolean> {
  const alive = driverAlive(driver);
  if (alive !== undefined) return alive;
  const watch = new Watch();
  const signs = () => (driver === workers ? signsOfWorkers(ledger, runId) : ledger.lease(runId));
  const first = JSON.stringify(await signs());
  if (first === "[]") return false;
  for (;;) {
    const sign = await signs();
    if (JSON.stringify(sign) !== first) return true;
    if (watch.look(sign)) return false;
    await sleep(lookMs);
  }
}

/** Of those that have a step in hands. */
async function signsOfWorkers(ledger: Ledger, runId: string): Promise<unknown[]> {
  const claims = (await ledger.claims.open(runId)).filter(({ worker }) => driverAlive(worker) !== false);
  return ledger.pulses.read(claims.map((claim) => ({ of: "claim", ...claim })));
}
