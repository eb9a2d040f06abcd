import type { Plan } from "../contracts/plan.js";
/** placeholder */
export async function readPlan(text: string): Promise<Plan> {
  const { parse } = await import("yaml");
  return parse(text) as Plan;
}
