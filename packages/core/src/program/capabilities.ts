import type { Capabilities } from "../contracts/orchestrator.js";
import type { Plan, Resources } from "../contracts/plan.js";
import { TenonError } from "../errors.js";

/**
 * Refuses a plan that asks for more than an orchestrator can do, before anything starts; every fault is named.
 *
 * @throws `CAPABILITY_MISSING`; `STEP_NOT_FOUND_AGAIN` for steps that another process could not find
 */
export function checkCapabilities(plan: Plan, capabilities: Capabilities, stack: string): void {
  const faults = plan.steps.flatMap(({ id, settings }) =>
    (Object.entries(settings.resources) as [keyof Resources, number][]).flatMap(([resource, amount]) => {
      const most = capabilities.resources[resource];
      if (most === undefined) return amount > 0 ? [`step '${id}' asks for ${resource}, which it cannot reserve`] : [];
      return amount > most ? [`step '${id}' asks for ${amount} of ${resource}, of which it has ${most}`] : [];
    }),
  );
  if (faults.length > 0) {
    throw new TenonError("CAPABILITY_MISSING", {
      doing: `checking pipeline '${plan.pipeline}' against the orchestrator of stack '${stack}'`,
      found: faults.join("; "),
      fix: "Ask for less, or use a stack whose orchestrator has it.",
    });
  }
  if (!capabilities.remote) return;
  const lost = plan.steps.filter(({ source }) => source.module === undefined || source.binding === undefined);
  if (lost.length === 0) return;
  throw new TenonError("STEP_NOT_FOUND_AGAIN", {
    doing: `checking pipeline '${plan.pipeline}' against the orchestrator of stack '${stack}'`,
    found: `it runs steps in other processes, where ${lost.map(({ id }) => `'${id}'`).join(", ")} cannot be found again`,
    fix: "Make the steps at the top level of a module: const fit = step(…).",
  });
}
