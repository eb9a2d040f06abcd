import { openKernel } from "../kernel/open-kernel.js";
import { Ledger } from "../ledger/ledger.js";
import type { Pulse } from "../ledger/pulses.js";
import type { HeartbeatTask } from "./heartbeat.js";
import { type FollowedLog, LogShipper, type Shipped } from "./log-shipper.js";

/** A heartbeat's connection to the stack. */
export interface OpenHeartbeat {
  readonly counter: number;
  readonly told: number;
  readonly shipped: ReadonlyMap<string, Shipped>;
  /** Says why the work is not this process' any more. */
  beat(
    progress: Pulse["progress"] | undefined,
    followed: readonly FollowedLog[],
  ): Promise<"taken" | "cancelled" | undefined>;
  close(): Promise<void>;
}

export async function openHeartbeat(task: HeartbeatTask): Promise<OpenHeartbeat> {
  const { project, stack, place, process, session } = task;
  const kernel = await openKernel(project);
  const { metadataStore } = await kernel.resolveStack(stack, { kinds: ["metadataStore"] });
  const ledger = await Ledger.open(metadataStore, { project: kernel.project.name });
  const shipper = new LogShipper(ledger.logs, place.runId, process);
  let counter = 0;
  let told = 0;
  return {
    get counter() {
      return counter;
    },
    get told() {
      return told;
    },
    shipped: shipper.shipped,
    async beat(progress, followed) {
      counter += 1;
      await ledger.pulses.beat(place, { process, counter, ...(progress && { progress }) });
      told = progress?.times ?? 0;
      await shipper.ship(followed);
      const { runId, stepId, number } = place;
      const mine =
        place.of === "claim"
          ? await ledger.claims.holds(place)
          : (await ledger.attempt(runId, stepId, number))?.end === undefined;
      if (!mine) return "taken";
      return session !== undefined && (await ledger.cancelRequested(runId, session)) ? "cancelled" : undefined;
    },
    close: () => kernel.dispose(),
  };
}
