import { TenonError } from "../errors.js";
import { type CallOptions, currentGraph } from "./graph.js";
import type { Handle } from "./handle.js";
import { isStep, type ParameterValues, type Step } from "./step.js";
import type { MapWires } from "./wire.js";

/** What a map of a step returns: where the step gives one value, a list of them. */
export type Mapped<Out> =
  Out extends Handle<infer T>
    ? Handle<T[]>
    : { readonly [K in keyof Out]: Out[K] extends Handle<infer T> ? Handle<T[]> : never };

/**
 * Runs a step once for each element of a list whose length is known only when it has been made. The results are lists
 * in the same order. Several inputs marked with `each` go side by side and must be equally long.
 *
 * @example const models = map(fit, { fold: each(folds), data });
 */
export function map<In, P, Out>(
  step: Step<In, P, Out>,
  inputs: MapWires<In>,
  parameters?: ParameterValues<P>,
  options?: CallOptions,
): Mapped<Out> {
  if (!isStep(step)) {
    throw new TenonError("STEP_INVALID", {
      doing: "mapping over a list",
      found: "the first argument is not a step",
      fix: "Write map(step, { item: each(list) }).",
    });
  }
  const graph = currentGraph(`mapping step '${step.name}'`, `${step.name}.run(…)`);
  return graph.call(step, inputs, parameters, options, true) as Mapped<Out>;
}
