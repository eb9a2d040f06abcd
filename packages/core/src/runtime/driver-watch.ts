import { TenonError } from "../errors.js";
import type { Ledger } from "../ledger/ledger.js";
import type { RunSummary } from "../ledger/runs.js";
import { lookMs, Watch } from "./lease.js";
import { driverAlive, workers } from "./session.js";

/** For whoever follows a run: whether somebody still drives it. */
export class DriverWatch {
  readonly #ledger: Ledger;
  readonly #lease = new Watch();
  #looked = 0;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Of a driver on another machine that is known only after its lease has stood still for a while. */
  async isGone({ id, driver }: RunSummary): Promise<boolean> {
    // Not begun yet, or left to workers, who come and go.
    if (driver === undefined || driver === workers) return false;
    const alive = driverAlive(driver);
    if (alive !== undefined) return !alive;
    if (performance.now() - this.#looked < lookMs) return false;
    this.#looked = performance.now();
    return this.#lease.look(await this.#ledger.lease(id));
  }
}

export function brokeOff({ id, driver }: RunSummary): TenonError {
  return new TenonError("RUN_BROKE_OFF", {
    doing: `following run ${id}`,
    found: `its driver ${driver} is no more`,
    fix: `Go on with it: tenon run resume ${id}`,
  });
}
