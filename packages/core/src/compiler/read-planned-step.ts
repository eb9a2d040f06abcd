import type { Plan, PlannedStep } from "../contracts/plan.js";
import { checkPlanFields } from "./check-plan.js";
import { readCanonical } from "./read-canonical.js";

/** What the process of one attempt needs of a plan. */
export interface StepOfPlan {
  readonly pipeline: string;
  /** Undefined if the plan has no such step. */
  readonly step: PlannedStep | undefined;
}

/**
 * Reads one step of a plan that a driver has read as a whole: of a canonical text only the lines of that step, so that it
 * costs the same however many steps the plan has. Another text is read like any plan.
 *
 * @param id as in the plan, or of an element of a map: `fit[3]` is of `fit`
 * @throws `PLAN_INVALID`, `PIPELINE_CYCLE`
 */
export async function readPlannedStep(text: string, id: string): Promise<StepOfPlan> {
  const ids = id.endsWith("]") ? [id, id.slice(0, id.lastIndexOf("["))] : [id];
  const part = ids.map((one) => partOf(text, one)).find((found) => found !== undefined);
  const value = part && readCanonical(part);
  const read = value
    ? checkPlanFields(value, `reading step '${id}' of a plan`)
    : await (await import("./read-plan.js")).readPlan(text);
  return { pipeline: read.pipeline, step: stepOf(read, ids) };
}

function stepOf({ steps }: Plan, ids: readonly string[]): PlannedStep | undefined {
  return steps.find((step) => ids.includes(step.id));
}

/** A plan of that step alone, made of the lines of the whole one. */
function partOf(text: string, id: string): string | undefined {
  const line = `\n    id: ${id}\n`;
  const at = text.indexOf(line);
  const pipeline = /^pipeline: .*$/m.exec(text)?.[0];
  const isPlain = text.startsWith("format: 1\n") && !/[|>][-+\d]*\n/.test(text);
  if (at < 0 || text.indexOf(line, at + 1) >= 0 || !pipeline || !isPlain) return undefined;
  const from = text.lastIndexOf("\n  - ", at) + 1;
  const rest = /^(?: {2}- |\S)/m.exec(text.slice(at + line.length));
  if (from <= text.lastIndexOf("\nsteps:\n", at) || !rest) return undefined;
  const step = text.slice(from, at + line.length + rest.index);
  return `format: 1\nonFailure: stop\noutputs: {}\nparameters: {}\n${pipeline}\nsteps:\n${step}tags: []\n`;
}
