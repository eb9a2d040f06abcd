import type { Command } from "commander";
import { addCommand } from "../command.js";

export function addStackCommands(stack: Command): void {
  addCommand(stack, {
    usage: "list",
    aliases: ["ls"],
    summary: "List the stacks of tenon.yaml; the one in use is marked",
    examples: ["tenon stack list"],
    json: true,
    run: async (invocation) => (await import("./stack-actions.js")).listStacks(invocation),
  });
  addCommand(stack, {
    usage: "show [name]",
    aliases: ["describe", "get"],
    summary: "Show the components of a stack, by default of the one in use",
    examples: ["tenon stack show", "tenon stack show prod"],
    json: true,
    run: async (invocation, name) => (await import("./stack-actions.js")).showStack(invocation, name),
  });
  addCommand(stack, {
    usage: "check [name]",
    aliases: ["validate", "test"],
    summary: "Check a stack as a whole: every fault is listed, and its stores are tried out",
    examples: ["tenon stack check prod"],
    json: true,
    run: async (invocation, name) => (await import("./stack-actions.js")).checkStack(invocation, name),
  });
  addCommand(stack, {
    usage: "use <name>",
    aliases: ["set", "switch"],
    summary: "Make a stack the one that runs use; writes tenon.yaml",
    examples: ["tenon stack use prod"],
    json: true,
    run: async (invocation, name) => (await import("./stack-actions.js")).chooseStack(invocation, name ?? ""),
  });
}
