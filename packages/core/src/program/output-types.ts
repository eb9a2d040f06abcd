import type { MaterializerSource } from "../artifacts/materializer-source.js";
import type { Plan } from "../contracts/plan.js";

/** For each type that a plan's outputs declare: which materializer saves it, and in which format. */
export async function outputTypes(plan: Plan, materializers: MaterializerSource): Promise<Record<string, string>> {
  const names = new Set<string>();
  for (const { outputs } of plan.steps) {
    for (const { type } of Object.values(outputs)) if (type !== undefined) names.add(type);
  }
  const found = await Promise.all(
    [...names].map(async (name) => {
      const { id, materializer } = await materializers.forType(name);
      return [name, `${id} ${materializer.format}`] as const;
    }),
  );
  return Object.fromEntries(found);
}
