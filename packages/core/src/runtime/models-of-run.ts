import type { ModelDeclaration, Plan, PlannedStep } from "../contracts/plan.js";
import type { Ledger } from "../ledger/ledger.js";
import type { ModelId } from "../ledger/model-links.js";

/** The model version that each step of a run works on. */
export type ModelsOfRun = (step: PlannedStep) => ModelId | undefined;

/**
 * Makes the model versions that a plan declares, one for each model however many steps name it, or finds those that an
 * earlier session of the run has made.
 *
 * @throws `MODEL_UNKNOWN`
 */
export async function modelsOfRun(ledger: Ledger, runId: string, plan: Plan): Promise<ModelsOfRun> {
  const declared = new Map<string, ModelDeclaration>();
  for (const { model } of [plan, ...plan.steps]) {
    if (model === undefined) continue;
    const tags = new Set([...(declared.get(keyOf(model))?.tags ?? []), ...model.tags]);
    declared.set(keyOf(model), { ...model, tags: [...tags] });
  }
  if (declared.size === 0) return () => undefined;
  const opened = new Map<string, ModelId>();
  for (const [key, declaration] of declared) {
    const { name, version, number } = await ledger.models.openFor(runId, declaration);
    opened.set(key, { name, version, number });
  }
  return ({ model = plan.model }) => model && opened.get(keyOf(model));
}

function keyOf({ name, version }: ModelDeclaration): string {
  return JSON.stringify([name, version ?? null]);
}
