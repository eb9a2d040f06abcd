import type { Reproduction } from "@tenon/core";
import type { Invocation } from "../command.js";
import { type ExitCode, exitCodeOf, exitCodes } from "../exit-codes.js";
import { handleInterrupts } from "../interrupts.js";
import { dependencyLines } from "../terminal/dependencies.js";
import { formatTable } from "../terminal/table.js";
import type { Terminal } from "../terminal/terminal.js";
import type { ReproduceOptions } from "./comparisons.js";

export async function reproduceRun(
  invocation: Invocation<ReproduceOptions>,
  run: string,
): Promise<ExitCode | undefined> {
  const { terminal, options, directory } = invocation;
  const { reproduce } = await import("@tenon/core");
  const interrupts = handleInterrupts((text) => terminal.note(text));
  try {
    const reproduction = await reproduce(run, {
      directory,
      install: options.install === true,
      signal: interrupts.signal,
      ...(options.stack !== undefined && { stack: options.stack }),
      onCheckout: ({ project, dependencies }) => {
        if (options.json) return;
        terminal.note(terminal.errorColors.dim(`  commit ${project.commit.slice(0, 12)} in ${project.directory}`));
        for (const line of dependencyLines(dependencies, terminal)) terminal.note(line);
      },
    });
    if (options.json) terminal.printJson(reproduction);
    else terminal.print(reproductionText(reproduction, terminal));
    if (reproduction.status === "cancelled") return interrupts.exitCode();
    return reproduction.same ? exitCodes.ok : exitCodes.failed;
  } catch (error) {
    if (exitCodeOf(error) === exitCodes.cancelled) return interrupts.exitCode();
    throw error;
  }
}

export function reproductionText(reproduction: Reproduction, terminal: Terminal): string {
  const { colors, symbols } = terminal;
  const { runId, reproduces, status, same, code, artifacts, failures } = reproduction;
  const differing = artifacts.filter(({ verdict }) => verdict !== "same").length;
  const sign = same ? colors.green(`${symbols.done} reproduced`) : colors.red(`${symbols.failed} not reproduced`);
  const parts = [`  ${sign}  run ${runId} repeats ${reproduces}, ${status}`];
  const rows = artifacts.map(({ step, output, recorded, verdict, difference, inputs = [] }) => [
    output === "output" ? step : `${step}.${output}`,
    recorded,
    painted(verdict, terminal),
    difference ?? (inputs.length > 0 ? `its input ${inputs.join(", ")} differs already` : ""),
  ]);
  const columns = [{ title: "OUTPUT" }, { title: "RECORDED" }, { title: "NOW" }, { title: "FIRST DIFFERENCE" }];
  if (rows.length > 0) parts.push(formatTable(differing > 0 ? columns : columns.slice(0, 3), rows, terminal));
  const changed = code.filter(({ verdict }) => verdict === "different");
  for (const { reference, changes } of changed) {
    const what = changes.length > 0 ? changes.join(", ") : "its fingerprint differs";
    parts.push(`  ${colors.yellow(symbols.warning)} ${reference} is not what ran then: ${what}`);
  }
  for (const { stepId, message } of failures) {
    parts.push(`  ${colors.red(`${symbols.failed} ${stepId} failed`)}: ${message.split("\n")[0]}`);
  }
  return parts.join("\n\n");
}

function painted(verdict: Reproduction["artifacts"][number]["verdict"], { colors }: Terminal): string {
  if (verdict === "same") return colors.green(verdict);
  return verdict === "not deterministic" ? colors.yellow(verdict) : colors.red(verdict);
}
