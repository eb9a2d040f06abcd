import type { RunResult } from "@tenon/core";
import type { StepRunRecord } from "@tenon/core/internal";
import { onStack } from "../on-stack.js";
import type { RunProgress, StepProgress } from "../progress/run-progress.js";
import { failureOf, failureText, ownCode } from "../terminal/failure.js";
import { duration } from "../terminal/format.js";
import { paint, statusSymbol } from "../terminal/status.js";
import type { Terminal } from "../terminal/terminal.js";
import { describeInput } from "./input-text.js";

const mostFailures = 10;

/** The last words on a run: what came of it, why steps failed, and how to go on. */
export function conclusion(
  result: RunResult,
  progress: RunProgress,
  inputs: ReadonlyMap<string, StepRunRecord["inputs"]>,
  terminal: Terminal,
  { verbose, stack }: { readonly verbose: boolean; readonly stack: string | undefined },
): string {
  const { colors, symbols } = terminal;
  const next = (command: string) => onStack(`tenon run ${command} ${result.id}`, { stack });
  const { counts } = progress;
  const said = Object.entries(counts).filter(([, count]) => count > 0);
  const sign = paint(result.status, colors)(`${statusSymbol(result.status, symbols)} ${result.status}`);
  const facts = said.map(([name, count]) => `${count} ${name}`).join(", ");
  const code = result.status === "failed" ? `  ${colors.bold("RUN_FAILED")}` : "";
  const parts: string[] = [`  ${sign} in ${duration(result.durationMs)}${code}  ${colors.dim(facts)}`];
  for (const step of progress.failed.slice(0, mostFailures)) {
    parts.push(describeFailure(step, inputs.get(step.id), terminal, verbose));
  }
  const more = progress.failed.length - mostFailures;
  if (more > 0) parts.push(`  ${colors.dim(`and ${more} more: ${next("show")}`)}`);
  if (result.status !== "succeeded") {
    parts.push(`  ${colors.cyan(`To go on from here: ${next("resume")}`)}`);
    if (result.status === "failed") parts.push(`  ${colors.cyan(`To see what was written: ${next("logs")}`)}`);
    return joined(parts);
  }
  const outputs = Object.entries(result.outputs);
  const width = outputs.reduce((widest, [name]) => Math.max(widest, name.length), 0);
  for (const [name, { artifact }] of outputs) {
    parts.push(`    ${colors.dim(name.padEnd(width))}  ${artifact.name}@${artifact.version}`);
  }
  return parts.join("\n");
}

/** The first failure gets all the room that it needs, the message and the user's own frames of where it happened. */
function describeFailure(
  step: StepProgress,
  inputs: StepRunRecord["inputs"] | undefined,
  { colors, symbols }: Terminal,
  verbose: boolean,
): string {
  const failure = failureOf(step.error);
  const code = ownCode(failure);
  const lines = [
    `  ${colors.red(`${symbols.failed} ${colors.bold(step.id)} failed`)}${code ? `  ${colors.bold(code)}` : ""}`,
  ];
  if (inputs !== undefined && Object.keys(inputs).length > 0) {
    const taken = Object.entries(inputs).map(([name, input]) => `${name}: ${describeInput(input)}`);
    lines.push(`    ${colors.dim(`it was given ${taken.join(", ")}`)}`);
  }
  const text = failureText(failure, verbose);
  lines.push(...text.lines.map((line) => `    ${line}`), ...text.frames.map((frame) => colors.dim(`      ${frame}`)));
  return lines.join("\n");
}

/** With a blank line between, so that failures stand apart. */
function joined(parts: readonly string[]): string {
  const [head, ...rest] = parts;
  const failures = rest.filter((part) => part.includes("\n"));
  const hints = rest.filter((part) => !part.includes("\n"));
  return [head, ...failures, hints.join("\n")].join("\n\n");
}
