import type { PipelineDefinition, RunOptions } from "@tenon/core";
import type { Invocation } from "../command.js";
import type { Committed } from "../committed-file.js";
import type { ExitCode } from "../exit-codes.js";
import { withKernel } from "../kernel.js";

/** Puts a run on record and says how others take it up. */
export async function leaveRun(
  { terminal, options, directory }: Invocation,
  what: PipelineDefinition | { readonly planFile: string },
  given: RunOptions,
  checkout?: Committed["checkout"],
): Promise<ExitCode | undefined> {
  const { recordForWorkers } = await import("@tenon/core/internal");
  const run = await withKernel({ cwd: directory, ...(checkout && { checkout }) }, (kernel) =>
    recordForWorkers(what, { ...given, kernel }),
  );
  for (const warning of run.warnings) terminal.note(`  ${terminal.symbols.warning} ${warning}`);
  if (options.json) terminal.printJson(run);
  else {
    terminal.print(run.id);
    terminal.note(terminal.errorColors.dim(`  Its steps are done by any number of: tenon step run ${run.id}`));
  }
  return undefined;
}
