import type { Plan, PlannedInput, PlannedStep } from "../contracts/plan.js";

/** The ids of the steps whose outputs an input takes. */
export function sourcesOf(input: PlannedInput): string[] {
  switch (input.from) {
    case "step":
      return [input.step];
    case "list":
      return input.items.flatMap(sourcesOf);
    case "each":
      return sourcesOf(input.list);
    default:
      return [];
  }
}

/** The ids of the steps that a step waits for. */
export function neededBy(step: PlannedStep): Set<string> {
  return new Set([...Object.values(step.inputs).flatMap(sourcesOf), ...step.after]);
}

/**
 * Who waits for whom, by place in the plan. Built once, in time linear in the plan. In a part of a plan, what is not in it
 * is not waited for.
 */
export class PlanGraph {
  readonly steps: readonly PlannedStep[];
  /** For each step: the places of those that wait for it. */
  readonly dependents: readonly (readonly number[])[];
  /** For each step: how many others it waits for. */
  readonly waiting: Int32Array;
  readonly #places = new Map<string, number>();

  constructor(plan: Plan) {
    this.steps = plan.steps;
    plan.steps.forEach((step, place) => {
      this.#places.set(step.id, place);
    });
    const dependents: number[][] = plan.steps.map(() => []);
    this.waiting = new Int32Array(plan.steps.length);
    plan.steps.forEach((step, place) => {
      for (const id of neededBy(step)) {
        const source = this.#places.get(id);
        if (source === undefined) continue;
        dependents[source]?.push(place);
        this.waiting[place] = (this.waiting[place] as number) + 1;
      }
    });
    this.dependents = dependents;
  }
}
