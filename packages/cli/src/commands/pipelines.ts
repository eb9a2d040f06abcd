import { type Command, Option } from "commander";
import { addCommand, option, repeatable } from "../command.js";
import type { ParameterOptions } from "../parameters.js";

export interface ShowOptions extends ParameterOptions {
  readonly pipeline?: string;
  readonly as: "list" | "mermaid" | "yaml";
}

export function addPipelineCommands(pipeline: Command): void {
  addCommand(pipeline, {
    usage: "list [file]",
    aliases: ["ls"],
    summary: "List the pipelines that have run, or those that a module exports",
    examples: ["tenon pipeline list", "tenon pipeline list pipeline.ts"],
    json: true,
    stack: true,
    run: async (invocation, file) => (await import("./pipeline-actions.js")).listPipelines(invocation, file),
  });

  addCommand<ShowOptions>(pipeline, {
    usage: "show [pipeline]",
    aliases: ["describe", "get", "graph"],
    summary: "Show the plan of a pipeline: its steps, what they take and what they make",
    details:
      "The pipeline is a module, a plan in YAML, or the name of one that has run, which means its latest plan. " +
      "A module is compiled for it; none of its steps run.",
    examples: [
      "tenon pipeline show pipeline.ts --param fit.epochs=100",
      "tenon pipeline show penguins --as mermaid",
      "tenon pipeline show pipeline.ts --as yaml > plan.yaml",
    ],
    options: [
      option("--pipeline <name>", "which pipeline of the module"),
      repeatable("--param <name=value>", "set a parameter"),
      option("--params <file>", "set parameters from a YAML or JSON file"),
      new Option("--as <format>", "how to show it").choices(["list", "mermaid", "yaml"]).default("list"),
    ],
    json: true,
    stack: true,
    run: async (invocation, reference) => (await import("./pipeline-actions.js")).showPipeline(invocation, reference),
  });
}
