import type { Command } from "commander";
import { addCommand } from "../command.js";

/** `tenon step`: what workers do. */
export function addStepCommands(step: Command): void {
  addCommand(step, {
    usage: "run <run> [step]",
    summary: "Run a step of a recorded run, or whatever is ready, anywhere that can reach the stack",
    details:
      "For workers that share nothing but the stack: the plan comes from the metadata store, inputs from the artifact store, " +
      "the code from the project around the working directory, which must be the plan's. Several workers can take the steps " +
      "of one run, made with `tenon run <file> --for-workers`: each step is done by one of them; where one dies, another " +
      "takes over.\n\n" +
      "Without a step the worker takes one after the other until the run has ended.\n\n" +
      "Exit codes: 0, done, here or by another worker; 10, a step failed, trying it again will not help; " +
      "11, it could not be done now (a store that cannot be reached, the process told to end): try again.",
    examples: ["tenon step run 01JD3X fit --stack prod", "tenon step run 01JD3X"],
    json: true,
    stack: true,
    run: async (invocation, run, stepId) =>
      (await import("./step-run.js")).runRecordedSteps(invocation, run ?? "latest", stepId),
  });
}
