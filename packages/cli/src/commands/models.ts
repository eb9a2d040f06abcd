import type { Command } from "commander";
import { addCommand, option } from "../command.js";

const reference =
  "A version is named as `name` or `name@latest`, as `name@3`, or by its stage: `name@staging`, `name@production`.";

export function addModelCommands(model: Command): void {
  addCommand<{ limit: string }>(model, {
    usage: "list [name]",
    aliases: ["ls", "versions"],
    summary: "List models with their latest version and their stages, or the versions of one",
    examples: ["tenon model list", "tenon model list churn --limit 5"],
    options: [option("--limit <count>", "at most so many").default("50")],
    json: true,
    stack: true,
    run: async (invocation, name) => (await import("./model-list.js")).listModels(invocation, name),
  });

  addCommand(model, {
    usage: "show <model>",
    aliases: ["describe", "get"],
    summary: "Show one version of a model: its stage, metadata, artifacts and runs",
    details: reference,
    examples: ["tenon model show churn", "tenon model show churn@production --json"],
    json: true,
    stack: true,
    run: async (invocation, name) => (await import("./model-show.js")).showModel(invocation, name ?? ""),
  });

  addCommand(model, {
    usage: "stage <model> <stage>",
    aliases: ["promote", "move"],
    summary: "Move a version of a model to a stage: staging, production or archived, or none",
    details: `${reference} The version that had the stage before is archived in the same moment.`,
    examples: [
      "tenon model stage churn@3 production",
      "tenon model stage churn@staging production",
      "tenon model stage churn@3 none",
    ],
    json: true,
    stack: true,
    run: async (invocation, name, stage) =>
      (await import("./model-stage.js")).stageModel(invocation, name ?? "", stage ?? ""),
  });
}
