import type { StepRunRecord } from "@tenon/core/internal";

type ResolvedInput = StepRunRecord["inputs"][string];

/** Which artifact an input was: `penguins.load@3`, an element of one, or several. */
export function describeInput(input: ResolvedInput): string {
  if ("list" in input) {
    const [first, ...others] = input.list;
    if (first === undefined) return "an empty list";
    return others.length === 0 ? `[${describeInput(first)}]` : `[${describeInput(first)} and ${others.length} more]`;
  }
  return input.element === undefined ? input.artifact : `${input.artifact}[${input.element}]`;
}
