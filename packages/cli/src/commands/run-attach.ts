import type { Invocation } from "../command.js";
import type { ExitCode } from "../exit-codes.js";
import { follow } from "./run-pipeline.js";
import { showRun } from "./run-show.js";

/** Shows a run that goes on elsewhere as if it were this process'. */
export async function attachRun(
  invocation: Invocation,
  reference: string,
  { quiet = false }: { readonly quiet?: boolean } = {},
): Promise<ExitCode | undefined> {
  const [{ attach }, { Client }] = await Promise.all([import("@tenon/core"), import("@tenon/core/internal")]);
  const stack = invocation.options.stack === undefined ? {} : { stack: invocation.options.stack };
  return follow(
    invocation,
    async (kernel, signal) => {
      const run = await new Client({ kernel, ...stack }).runs.get(reference);
      return attach(run.id, { kernel, signal, throwOnFailure: false, ...stack });
    },
    undefined,
    { watching: true, quiet },
  );
}

/** Watches a run to its end, then shows that one: by then another may be the latest. */
export async function followAndShow(invocation: Invocation, reference: string): Promise<ExitCode | undefined> {
  const { id } = await invocation.withClient((client) => client.runs.get(reference));
  const exitCode = await attachRun(invocation, id, { quiet: true });
  await showRun(invocation, id);
  return exitCode;
}
