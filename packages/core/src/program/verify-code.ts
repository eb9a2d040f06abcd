import type { PlannedStep } from "../contracts/plan.js";
import { TenonError } from "../errors.js";
import type { Project } from "../kernel/project.js";
import { findStep } from "../pipeline/find-step.js";
import type { StepDefinition } from "../pipeline/step.js";

/**
 * A step as this machine has it, if its code is the one that is expected.
 *
 * @throws `CODE_DIFFERENT`; as `findStep`
 */
export async function findVerified(
  planned: PlannedStep,
  expected: string | undefined,
  project: Project,
): Promise<StepDefinition> {
  const step = await findStep({ ...planned.source, name: planned.name }, project.code);
  if (expected === undefined) return step;
  const { identifySteps } = await import("../compiler/sources.js");
  const identities = await identifySteps([{ step }], { project, fingerprints: true });
  const { files, env } = step.resolved;
  const { fingerprint } = identities.of({ step }, { settings: planned.settings, files, env });
  if (fingerprint === expected) return step;
  const unset = env.filter((name) => process.env[name] === undefined);
  throw new TenonError("CODE_DIFFERENT", {
    doing: `starting step '${planned.id}' with the code in ${project.code}`,
    found:
      `the code, packages, files or variables that it reaches there are others than those of the run` +
      (unset.length > 0 ? ` (${unset.join(", ")} is not set)` : ""),
    fix: "Bring the code that the run was started with, and its packages, to the machine; or start the run again.",
    details: { step: planned.id, expected, found: fingerprint ?? null },
  });
}
