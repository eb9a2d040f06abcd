import type { Invocation } from "../command.js";
import type { ExitCode } from "../exit-codes.js";
import { follow } from "./run-pipeline.js";

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
