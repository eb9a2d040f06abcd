import type { Plan, PlannedInput, PlannedStep } from "@tenon/core/internal";
import { brief } from "../terminal/format.js";
import type { Terminal } from "../terminal/terminal.js";

/** A plan for people: one line a step, in an order in which they can run. */
export function describePlan(plan: Plan, { colors, symbols }: Terminal): string {
  const width = plan.steps.reduce((widest, { id }) => Math.max(widest, id.length), 0);
  const lines = plan.steps.map((step) => {
    const sources = Object.entries(step.inputs).map(([name, input]) => `${name}: ${describeInput(input)}`);
    const parameters = Object.entries(step.parameters).map(([name, value]) => `${name}=${brief(value, 24)}`);
    const parts = [
      `  ${colors.bold(step.id)}${" ".repeat(width - step.id.length)}`,
      step.mapped ? colors.cyan("for each") : "",
      sources.length > 0 ? `${colors.dim(symbols.arrow)} ${sources.join(", ")}` : "",
      step.after.length > 0 ? colors.dim(`after ${step.after.join(", ")}`) : "",
      colors.dim(parameters.join(" ")),
      colors.dim(describeSettings(step)),
    ];
    return parts
      .filter((part) => part !== "")
      .join("  ")
      .trimEnd();
  });
  const outputs = Object.entries(plan.outputs).map(
    ([name, { step, output }]) => `${name} (${sourceName(step, output)})`,
  );
  const count = `${plan.steps.length} step${plan.steps.length === 1 ? "" : "s"}`;
  const title = `${colors.bold(plan.pipeline)}  ${colors.dim(count)}`;
  return [title, ...lines, ...(outputs.length > 0 ? [`  ${colors.dim("returns")} ${outputs.join(", ")}`] : [])].join(
    "\n",
  );
}

function describeInput(input: PlannedInput): string {
  switch (input.from) {
    case "step":
      return sourceName(input.step, input.output);
    case "literal":
      return `literal ${input.type}`;
    case "list":
      return `[${input.items.map(describeInput).join(", ")}]`;
    case "each":
      return `each of ${describeInput(input.list)}`;
    default:
      return `late ${brief(input.reference, 40)}`;
  }
}

function describeSettings({ settings }: PlannedStep): string {
  const { retries, timeout, cache } = settings;
  return [
    retries > 0 ? `retries ${retries}` : "",
    timeout ? `timeout ${timeout} ms` : "",
    cache.enabled ? "" : "never cached",
  ]
    .filter((part) => part !== "")
    .join(" ");
}

function sourceName(step: string, output: string): string {
  return output === "output" ? step : `${step}.${output}`;
}

/** The plan as a Mermaid flow chart, which GitHub and many editors draw. */
export function mermaid(plan: Plan): string {
  const names = new Map(plan.steps.map(({ id }, place) => [id, `s${place}`]));
  const lines = ["flowchart TD"];
  for (const step of plan.steps) {
    const name = names.get(step.id);
    lines.push(step.mapped ? `  ${name}[["${quoted(step.id)}"]]` : `  ${name}["${quoted(step.id)}"]`);
  }
  for (const step of plan.steps) {
    for (const [input, planned] of Object.entries(step.inputs)) {
      for (const source of sourcesOf(planned)) {
        lines.push(`  ${names.get(source.step)} -->|"${quoted(input)}"| ${names.get(step.id)}`);
      }
    }
    for (const id of step.after) lines.push(`  ${names.get(id)} -.-> ${names.get(step.id)}`);
  }
  return lines.join("\n");
}

function sourcesOf(input: PlannedInput): { readonly step: string }[] {
  if (input.from === "step") return [input];
  if (input.from === "list") return input.items.flatMap(sourcesOf);
  return input.from === "each" ? sourcesOf(input.list) : [];
}

function quoted(text: string): string {
  return text.replaceAll('"', "#quot;");
}
