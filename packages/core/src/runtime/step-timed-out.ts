import { TenonError } from "../errors.js";

export function stepTimedOut(stepId: string, timeout: number): TenonError {
  return new TenonError("STEP_TIMED_OUT", {
    doing: `running step '${stepId}'`,
    found: `it had not ended after ${timeout} ms`,
    fix: "Give the step a longer timeout, or let it look at its signal.",
  });
}
