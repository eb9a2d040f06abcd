import type { Invocation } from "../command.js";
import type { ExitCode } from "../exit-codes.js";
import type { LogOptions } from "./runs.js";

export async function printLogs(
  invocation: Invocation<LogOptions>,
  reference: string,
  step: string | undefined,
): Promise<ExitCode | undefined> {
  const { terminal, options } = invocation;
  await invocation.withClient(async (client) => {
    const run = await client.runs.get(reference);
    let lines = 0;
    for await (const line of run.logs(step, { follow: options.follow === true })) {
      lines += 1;
      if (options.json) terminal.print(JSON.stringify(line));
      else terminal.print(step === undefined ? `${terminal.colors.dim(line.stepId)}  ${line.text}` : line.text);
    }
    if (lines === 0) {
      terminal.note(`The steps of run ${run.id} wrote nothing that lies here or in the stack.`);
      terminal.note("What runs in the driver's own process logs to the project in which that was started.");
    }
  });
  return undefined;
}
