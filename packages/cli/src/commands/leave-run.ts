import type { PipelineDefinition, RunOptions } from "@tenon/core";
import type { Invocation } from "../command.js";
import type { Committed } from "../committed-file.js";
import type { ExitCode } from "../exit-codes.js";
import { withKernel } from "../kernel.js";
import { onStack } from "../on-stack.js";
import type { RunOptions as CommandOptions } from "./run.js";

/** Puts a run on record for workers, or starts its driver, and says how it can be followed. */
export async function leaveRun(
  invocation: Invocation<Pick<CommandOptions, "detach">>,
  what: PipelineDefinition | { readonly planFile: string },
  given: RunOptions,
  checkout?: Committed["checkout"],
): Promise<ExitCode | undefined> {
  const { terminal, options, directory } = invocation;
  const [{ detach }, { recordForWorkers }] = await Promise.all([import("@tenon/core"), import("@tenon/core/internal")]);
  const run = await withKernel({ cwd: directory, ...(checkout && { checkout }) }, (kernel) =>
    (options.detach ? detach : recordForWorkers)(what, { ...given, kernel }),
  );
  for (const warning of run.warnings) terminal.note(`  ${terminal.symbols.warning} ${warning}`);
  const next = options.detach
    ? `To watch it: ${onStack(`tenon run attach ${run.id}`, options)}`
    : `Its steps are done by any number of: ${onStack(`tenon step run ${run.id}`, options)}`;
  return left(invocation, run, next);
}

/** Has a driver of its own go on with a run. */
export async function resumeLeft(invocation: Invocation, reference: string): Promise<ExitCode | undefined> {
  const { options, directory } = invocation;
  const { Client, resumeDetached } = await import("@tenon/core/internal");
  const stack = options.stack === undefined ? {} : { stack: options.stack };
  const run = await withKernel({ cwd: directory }, async (kernel) => {
    const { id } = await new Client({ kernel, ...stack }).runs.get(reference);
    return resumeDetached(id, { kernel, ...stack });
  });
  return left(invocation, run, `To watch it: ${onStack(`tenon run attach ${run.id}`, options)}`);
}

/** The id alone on standard output, so that a script can take it from there. */
function left({ terminal, options }: Invocation, run: { readonly id: string }, next: string): undefined {
  if (options.json) terminal.printJson(run);
  else {
    terminal.print(run.id);
    terminal.note(terminal.errorColors.dim(`  ${next}`));
  }
}
