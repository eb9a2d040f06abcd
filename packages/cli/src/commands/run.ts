import type { Command } from "commander";
import { addCommand, option, repeatable } from "../command.js";
import type { ParameterOptions } from "../parameters.js";

export interface RunOptions extends ParameterOptions {
  readonly pipeline?: string;
  readonly cache: boolean;
  readonly tag?: readonly string[];
  readonly forWorkers?: boolean;
  readonly detach?: boolean;
}

/** `tenon run <file>`, under which the commands that look at runs have their place. */
export function addRunCommand(program: Command): Command {
  const run = addCommand<RunOptions>(program, {
    usage: "run [file]",
    summary: "Run a pipeline; and look at runs, resume or cancel them",
    details:
      "The file is a module that exports a pipeline, or a plan in YAML. Without one it is pipeline.ts or src/pipeline.ts.\n\n" +
      "With a commit, as in pipeline.ts@v1.2, the file and all that it imports are taken from that commit, in a checkout of their own.\n\n" +
      "Parameters on the command line win over those of files, files over code.\n\n" +
      "Ctrl-C cancels the run: what is finished is kept, and `tenon run resume` goes on from there; a second Ctrl-C ends the process at once.",
    examples: [
      "tenon run pipeline.ts",
      "tenon run pipeline.ts --pipeline penguins --param fit.epochs=100 --params night.yaml",
      "tenon run pipelines/penguins/4f2a.yaml --stack prod",
      "tenon run pipeline.ts@HEAD~1",
    ],
    options: [
      option("--pipeline <name>", "which pipeline, if the module exports several"),
      repeatable(
        "--param <name=value>",
        "set a parameter of the pipeline, or step.parameter; can be given several times",
      ),
      option("--params <file>", "set parameters from a YAML or JSON file"),
      option("--no-cache", "run every step, whatever was done before"),
      option("--detach", "leave the run to a driver of its own, and print its id"),
      option("--for-workers", "only record the run and print its id: `tenon step run` does its steps, anywhere"),
      repeatable("--tag <tag>", "mark the run, to find it again; can be given several times"),
    ],
    json: true,
    stack: true,
    run: async (invocation, file) => (await import("./run-pipeline.js")).runFile(invocation, file),
  });

  addCommand<Pick<RunOptions, "detach">>(run, {
    usage: "resume [run]",
    aliases: ["continue", "retry"],
    summary: "Go on with a run that failed, was cancelled or broke off; what is done is not done again",
    examples: ["tenon run resume", "tenon run resume 01JD3X --stack prod --detach"],
    options: [option("--detach", "leave it to a driver of its own")],
    json: true,
    stack: true,
    run: async (invocation, run) => (await import("./run-pipeline.js")).resumeRun(invocation, run ?? "latest"),
  });
  return run;
}
