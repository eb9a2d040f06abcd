import type { Invocation } from "../command.js";
import { type ExitCode, exitCodeOf, exitCodes, isKnown } from "../exit-codes.js";
import { handleInterrupts } from "../interrupts.js";
import { withKernel } from "../kernel.js";
import { goOnUnread } from "../reader.js";
import { reportError } from "../report-error.js";

/** Errors that another try, of the same worker or another, may not meet. */
const passing: ReadonlySet<string> = new Set([
  "STEP_GIVEN_BACK",
  "STEP_NOT_READY",
  "STORE_UNAVAILABLE",
  "STORE_LOCKED",
  "STORE_FULL",
  "RUN_LEASE_LOST",
]);

export async function runRecordedSteps(
  invocation: Invocation,
  reference: string,
  stepId: string | undefined,
): Promise<ExitCode | undefined> {
  const { terminal, options, directory } = invocation;
  goOnUnread();
  const { Client, runSteps } = await import("@tenon/core/internal");
  const notice = "  Giving back what is not done. Press Ctrl-C again to end at once.";
  const interrupts = handleInterrupts((text) => terminal.note(text), notice);
  const stack = options.stack === undefined ? {} : { stack: options.stack };
  try {
    return await withKernel({ cwd: directory }, async (kernel) => {
      const { id } = await new Client({ kernel, ...stack }).runs.get(reference);
      const taken = await runSteps(id, stepId, {
        kernel,
        signal: interrupts.signal,
        ...stack,
        onStep: (step, end) => {
          if (!options.json) terminal.print(`${step}  ${end}`);
        },
      });
      if (options.json) terminal.printJson({ run: id, steps: Object.fromEntries(taken) });
      const ends = [...taken.values()];
      return ends.includes("failed") ? exitCodes.stepFailed : exitCodes.ok;
    });
  } catch (error) {
    // A worker's process ends with what an engine understands; a command line that is wrong, with what a person does.
    if (exitCodeOf(error) === exitCodes.usage) throw error;
    reportError(error, terminal, { verbose: invocation.verbose, json: options.json === true });
    return isKnown(error) && !passing.has(error.code) ? exitCodes.stepFailed : exitCodes.stepRetry;
  }
}
