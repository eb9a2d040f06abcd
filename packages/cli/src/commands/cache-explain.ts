import type { CacheExplanation } from "@tenon/core/internal";
import type { Invocation } from "../command.js";
import { moment } from "../terminal/format.js";
import type { Terminal } from "../terminal/terminal.js";

export async function explainStep(invocation: Invocation, run: string, step: string): Promise<undefined> {
  const { terminal, options } = invocation;
  const explanation = await invocation.withClient((client) => client.explainCache(run, step));
  if (options.json) terminal.printJson(explanation);
  else terminal.print(explanationText(explanation, terminal));
  return undefined;
}

function explanationText(explanation: CacheExplanation, { colors, symbols }: Terminal): string {
  const { runId, stepId, answer, because, nearest, differences } = explanation;
  const sign = answer === "hit" ? colors.green(`${symbols.done} hit`) : colors.yellow(`${symbols.warning} ${answer}`);
  const lines = [`${colors.bold(stepId)}  of run ${runId}  ${sign}`, `  ${because}.`];
  if (nearest && differences.length > 0)
    lines.push("", colors.dim(`  since run ${nearest.runId} (${moment(nearest.created)})`));
  for (const { text } of differences) lines.push(`    ${text}`);
  return lines.join("\n");
}
