import { setTimeout as sleep } from "node:timers/promises";
import { TenonError } from "../errors.js";
import type { Ledger } from "../ledger/ledger.js";
import { driverAlive } from "../runtime/session.js";
import { listRuns, type ReadRun } from "./runs.js";

/** A driver shows that it lives once a second. */
const patience = 10_000;

/** @throws `RUN_ACTIVE` naming them */
export async function refuseActiveRuns(ledger: Ledger, doing: string): Promise<void> {
  const running = (await listRuns(ledger, { status: "running", limit: 1000 })).filter(({ brokeOff }) => !brokeOff);
  const active = running.filter(({ driver }) => driver !== undefined && driverAlive(driver) === true);
  const elsewhere = running.filter((run) => !active.includes(run));
  if (active.length === 0 && elsewhere.length > 0) active.push(...(await beating(ledger, elsewhere)));
  if (active.length === 0) return;
  throw new TenonError("RUN_ACTIVE", {
    doing,
    found: `${active.length === 1 ? "a run goes on" : "runs go on"}: ${active.map(({ id }) => id).join(", ")}`,
    fix: "Wait for it, or stop it with: tenon run cancel <run>",
    details: { runs: active.map(({ id }) => id) },
  });
}

/** Drivers of other machines are judged by whether their counters move. */
async function beating(ledger: Ledger, runs: readonly ReadRun[]): Promise<ReadRun[]> {
  const counters = async () => await Promise.all(runs.map(({ id }) => ledger.lease(id)));
  const before = await counters();
  await sleep(patience);
  const after = await counters();
  return runs.filter((_, place) => after[place]?.counter !== before[place]?.counter);
}
