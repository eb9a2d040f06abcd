import { z } from "zod";
import { metricNamed } from "../evaluation/comparison.js";
import type { Evaluation } from "../evaluation/evaluation.js";

/** How good a model has to be. */
export interface Bar {
  /** Whether it may not be worse than the model in production; by default true. */
  readonly better?: boolean | undefined;
  /** By metric: `{ accuracy: 0.95, "macro.f1": 0.9 }`. */
  readonly atLeast?: Readonly<Record<string, number>> | undefined;
  /** By metric: `{ rootMeanSquaredError: 12 }`. */
  readonly atMost?: Readonly<Record<string, number>> | undefined;
}

export const barNames: readonly (keyof Bar)[] = ["better", "atLeast", "atMost"];

/** The parameters of a step that judges by a bar, with these defaults. */
export function barParameters({ better = true, atLeast = {}, atMost = {} }: Bar) {
  return {
    better: z.boolean().prefault(better),
    atLeast: z.record(z.string(), z.number()).readonly().prefault(atLeast),
    atMost: z.record(z.string(), z.number()).readonly().prefault(atMost),
  };
}

/** Where a model falls short, as clauses; none if it is good enough. @throws `EVALUATION_INVALID` for an unknown metric */
export function shortcomings(evaluation: Evaluation, { better = true, atLeast = {}, atMost = {} }: Bar): string[] {
  const { metrics, comparison } = evaluation;
  const found: string[] = [];
  for (const [name, least] of Object.entries(atLeast)) {
    const value = metricNamed(metrics, name);
    if (!(value >= least)) found.push(`its ${name} is ${value}, below ${least}`);
  }
  for (const [name, most] of Object.entries(atMost)) {
    const value = metricNamed(metrics, name);
    if (!(value <= most)) found.push(`its ${name} is ${value}, above ${most}`);
  }
  if (better && comparison && !comparison.better) {
    const { metric, candidate, production } = comparison;
    const side = candidate > production ? "above" : "below";
    found.push(`its ${metric} is ${candidate}, ${side} the ${production} of the model in production`);
  }
  return found;
}
