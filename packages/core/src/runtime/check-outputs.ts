import { closest } from "fastest-levenshtein";
import type { PlannedStep } from "../contracts/plan.js";
import { TenonError } from "../errors.js";
import type { StepNotes } from "./step-context.js";

/**
 * What a step returned, by output name. A single output that was not declared may be `undefined`: then there is none.
 *
 * @throws `OUTPUT_INVALID`
 */
export function checkedOutputs(
  step: PlannedStep,
  returned: unknown,
  notes: StepNotes,
  declared: boolean,
): Map<string, unknown> {
  const names = Object.keys(step.outputs);
  const results = step.single ? single(step, returned, names, declared) : several(step, returned, names);
  for (const noted of Object.keys(notes.outputs)) {
    if (!names.includes(noted)) {
      throw invalid(step, `it gave metadata for '${noted}', but its outputs are ${list(names)}`, nearest(noted, names));
    }
  }
  return results;
}

function single(
  step: PlannedStep,
  returned: unknown,
  names: readonly string[],
  declared: boolean,
): Map<string, unknown> {
  const [name = "output"] = names;
  if (returned !== undefined) return new Map([[name, returned]]);
  if (!declared) return new Map();
  throw invalid(step, "it returned nothing", "Return the value that it declares.");
}

function several(step: PlannedStep, returned: unknown, names: readonly string[]): Map<string, unknown> {
  if (names.length === 0 && returned === undefined) return new Map();
  if (typeof returned !== "object" || returned === null || Array.isArray(returned)) {
    throw invalid(step, `it returned ${kindOf(returned)}`, `Return an object with ${list(names)}.`);
  }
  const values = returned as Record<string, unknown>;
  const missing = names.filter((name) => values[name] === undefined);
  const extra = Object.keys(values).filter((name) => !names.includes(name) && values[name] !== undefined);
  if (missing.length === 0 && extra.length === 0) return new Map(names.map((name) => [name, values[name]]));
  const found = [
    ...(missing.length > 0 ? [`it returned no ${list(missing)}`] : []),
    ...(extra.length > 0 ? [`it returned ${list(extra)}, which it does not declare`] : []),
  ].join(", and ");
  const hint = missing.length > 0 && extra.length > 0 ? nearest(extra[0] as string, missing) : undefined;
  throw invalid(step, found, hint ?? `Return exactly ${list(names)}, or change the step's outputs.`);
}

function invalid(step: PlannedStep, found: string, fix: string | undefined): TenonError {
  return new TenonError("OUTPUT_INVALID", {
    doing: `checking what step '${step.id}' returned`,
    found,
    ...(fix && { fix }),
  });
}

function nearest(name: string, names: readonly string[]): string | undefined {
  return names.length > 0 ? `Did you mean '${closest(name, names)}'?` : undefined;
}

function list(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.map((name) => `'${name}'`).join(", ");
}

function kindOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : `a ${typeof value}`;
}
