import { identifySteps, type StepCode } from "../compiler/sources.js";
import type { Plan } from "../contracts/plan.js";
import type { Project } from "../kernel/project.js";
import { findStep } from "../pipeline/find-step.js";
import type { StepDefinition } from "../pipeline/step.js";
import { inRepository } from "./source-pins.js";

export interface PresentCode {
  /** The plan with the fingerprints of the code as it is now: what this code makes must be known by what it is. */
  readonly plan: Plan;
  readonly steps: ReadonlyMap<string, StepDefinition>;
  /** By step id, of the steps that were found. */
  readonly code: ReadonlyMap<string, StepCode>;
  readonly warnings: readonly string[];
}

/** Finds a recorded plan's steps again. One that cannot be found fails when its turn comes, unless it is done already. */
export async function presentCode(plan: Plan, project: Project, done: ReadonlySet<string>): Promise<PresentCode> {
  const steps = new Map<string, StepDefinition>();
  for (const { id, source, name } of plan.steps) {
    if (done.has(id)) continue;
    const found = await findStep({ ...source, name }, project.code).catch(() => undefined);
    if (found) steps.set(id, found);
  }
  const called = [...steps.values()].map((step) => ({ step }));
  const identities = await identifySteps(called, { project, fingerprints: true, reach: inRepository(project.code) });
  const code = new Map<string, StepCode>();
  const present = plan.steps.map((planned) => {
    const definition = steps.get(planned.id);
    const { fingerprint: recorded, ...step } = planned;
    if (!definition) return planned;
    const { files, env } = definition.resolved;
    const found = identities.of({ step: definition }, { settings: planned.settings, files, env });
    code.set(planned.id, found);
    const { fingerprint } = found;
    if (recorded === undefined) return planned;
    return fingerprint === undefined ? step : { ...step, fingerprint };
  });
  return { plan: { ...plan, steps: present }, steps, code, warnings: identities.warnings };
}
