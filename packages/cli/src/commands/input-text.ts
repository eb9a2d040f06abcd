import type { StepRunRecord } from "@tenon/core/internal";

type ResolvedInput = StepRunRecord["inputs"][string];

/** Which artifact an input was: `penguins.load@3`, an element of one, something recorded about one, or several. */
export function describeInput(input: ResolvedInput): string {
  if ("list" in input) {
    const [first, ...others] = input.list;
    if (first === undefined) return "an empty list";
    return others.length === 0 ? `[${describeInput(first)}]` : `[${describeInput(first)} and ${others.length} more]`;
  }
  const { artifact, element, metadata, model } = input as {
    readonly artifact?: string;
    readonly element?: number;
    readonly metadata?: string;
    readonly model?: string;
  };
  const of = artifact ?? model ?? "";
  if (metadata !== undefined) return `${metadata} of ${of}`;
  return element === undefined ? of : `${of}[${element}]`;
}
