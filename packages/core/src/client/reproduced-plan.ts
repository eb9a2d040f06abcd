import { createHash } from "node:crypto";
import type { ModelDeclaration, Plan } from "../contracts/plan.js";

/**
 * A recorded plan with other names for what it makes. Otherwise the reproduction of an old run would be the latest
 * version of everything, and what asks for the latest would get it.
 */
export function reproducedPlan(plan: Plan): Plan {
  return {
    ...plan,
    pipeline: reproducedName(plan.pipeline),
    ...(plan.model && { model: reproducedModel(plan.model) }),
    steps: plan.steps.map(({ model, ...step }) => ({
      ...step,
      outputs: Object.fromEntries(
        Object.entries(step.outputs).map(([name, output]) => [
          name,
          { ...output, artifact: reproducedName(output.artifact) },
        ]),
      ),
      ...(model && { model: reproducedModel(model) }),
    })),
  };
}

const prefix = "reproduced.";

/** Names may have 100 bytes, those of models 60. */
export function reproducedName(name: string, longest = 100): string {
  if (name.startsWith(prefix)) return name;
  const whole = prefix + name;
  if (Buffer.byteLength(whole) <= longest) return whole;
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 8);
  let kept = name;
  while (Buffer.byteLength(`${prefix}${kept}~${digest}`) > longest) kept = [...kept].slice(0, -1).join("");
  return `${prefix}${kept}~${digest}`;
}

function reproducedModel({ name, tags }: ModelDeclaration): ModelDeclaration {
  return { name: reproducedName(name, 60), tags };
}
