import type { Capabilities } from "../contracts/orchestrator.js";
import type { Plan, Resources } from "../contracts/plan.js";
import { TenonError } from "../errors.js";
import type { Kernel } from "../kernel/kernel.js";
import type { ResolvedStack } from "../kernel/stack.js";
import { checkEngineSettings, engineSettings } from "./engine-settings.js";

/**
 * Refuses a plan that asks for more than the stack's orchestrator can do, before anything starts; every fault is named.
 *
 * @throws `CAPABILITY_MISSING`; `ENGINE_INVALID`; `STEP_NOT_FOUND_AGAIN` for steps that another process could not find
 */
export async function checkCapabilities(plan: Plan, stack: ResolvedStack, kernel: Kernel): Promise<void> {
  const { capabilities } = stack.orchestrator;
  const doing = `checking pipeline '${plan.pipeline}' against the orchestrator of stack '${stack.name}'`;
  const faults = plan.steps.flatMap(({ id, settings }) => resourceFaults(id, settings.resources, capabilities));
  if (faults.length > 0) {
    throw new TenonError("CAPABILITY_MISSING", {
      doing,
      found: faults.join("; "),
      fix: "Ask for less, or use a stack whose orchestrator has it.",
    });
  }
  await checkEngineSettings(plan, stack, kernel, doing);
  await askEngine(plan, stack, doing);
  if (capabilities.remote) checkFoundAgain(plan, doing);
}

/** @throws `STEP_NOT_FOUND_AGAIN` for steps that another process could not find */
export function checkFoundAgain({ steps }: Plan, doing: string): void {
  const lost = steps.filter(({ source }) => source.module === undefined || source.binding === undefined);
  if (lost.length === 0) return;
  throw new TenonError("STEP_NOT_FOUND_AGAIN", {
    doing,
    found: `its steps run in other processes, where ${lost.map(({ id }) => `'${id}'`).join(", ")} cannot be found again`,
    fix: "Make the steps at the top level of a module: const fit = step(…).",
  });
}

async function askEngine({ steps }: Plan, stack: ResolvedStack, doing: string): Promise<void> {
  const { orchestrator } = stack;
  if (!orchestrator.judge) return;
  const said = await engineSettings({ steps }, stack);
  const asked = steps.map(({ id, settings: { resources, timeout } }) => ({
    stepId: id,
    resources,
    timeout,
    engine: said.get(id) ?? {},
  }));
  const answers = await orchestrator.judge(asked);
  const faults = answers.flatMap((answer, place) =>
    answer ? [`of step '${steps[place]?.id}' it says: ${answer}`] : [],
  );
  if (faults.length === 0) return;
  throw new TenonError("CAPABILITY_MISSING", {
    doing,
    found: faults.join("; "),
    fix: "Mend the resources or engine settings of these steps, or the orchestrator's configuration.",
  });
}

function resourceFaults(id: string, resources: Resources, { resources: most }: Capabilities): string[] {
  return (Object.entries(resources) as [keyof Resources, number][]).flatMap(([resource, amount]) => {
    const limit = most[resource];
    if (limit === undefined) return amount > 0 ? [`step '${id}' asks for ${resource}, which it cannot reserve`] : [];
    if (amount <= limit) return [];
    return [`step '${id}' asks for ${shown(resource, amount)}, of which it has ${shown(resource, limit)}`];
  });
}

function shown(resource: keyof Resources, amount: number): string {
  if (resource === "memory") return `${rounded(amount / 2 ** 30)} GiB of memory`;
  if (resource === "time") return `${rounded(amount / 60_000)} minutes of time`;
  return `${amount} ${resource}`;
}

function rounded(amount: number): string {
  return String(Number(amount.toPrecision(3)));
}
