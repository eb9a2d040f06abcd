import type { Invocation } from "../command.js";
import type { ExitCode } from "../exit-codes.js";
import { onStack } from "../on-stack.js";

export async function cancelRun(invocation: Invocation, reference: string): Promise<ExitCode | undefined> {
  const { terminal, options } = invocation;
  const { run, requested } = await invocation.withClient(async (client) => {
    const run = await client.runs.get(reference);
    const requested = run.status === "running" && !run.brokeOff;
    if (requested) await run.cancel();
    return { run, requested };
  });
  if (options.json) terminal.printJson({ run: run.id, status: run.status, cancelRequested: requested });
  else if (requested) terminal.print(`Run ${run.id} is asked to stop; its steps end soon.`);
  else if (run.brokeOff)
    terminal.print(
      `Nobody drives run ${run.id} any more. To go on with it: ${onStack(`tenon run resume ${run.id}`, options)}`,
    );
  else terminal.print(`Run ${run.id} has already ended: ${run.status}.`);
  return undefined;
}
