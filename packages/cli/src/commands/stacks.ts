import type { Command } from "commander";
import { addCommand, option } from "../command.js";
import type { MigrateOptions } from "./migration.js";

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
    run: async (invocation, name) => (await import("./stack-actions.js")).showCheck(invocation, name),
  });
  addCommand(stack, {
    usage: "use <name>",
    aliases: ["set", "switch"],
    summary: "Make a stack the one that runs use; writes tenon.yaml",
    examples: ["tenon stack use prod"],
    json: true,
    run: async (invocation, name) => (await import("./stack-actions.js")).chooseStack(invocation, name ?? ""),
  });
  addCommand<MigrateOptions>(stack, {
    usage: "migrate <from> <to>",
    aliases: ["move"],
    summary: "Copy all runs, artifacts and models of the project from one stack to another",
    details:
      "Ids and versions stay, with lineage, metadata, tags, stages, plans and the cache. Bytes are verified by their digests " +
      "and come first, records second; one that was broken off is continued by the same command. The first stack stays as " +
      "it is. Nothing is overwritten: a stack that holds something else under the same names is refused. " +
      "Without --yes it only says what it would copy.",
    examples: ["tenon stack migrate local shared", "tenon stack migrate local shared --yes --verify"],
    options: [
      option("--yes", "do it"),
      option("--verify", "read everything back from the second stack, and compare its digests"),
      option("--skip-damaged", "move the records of artifacts whose bytes are gone or damaged without their bytes"),
    ],
    json: true,
    run: async (invocation, from, to) => (await import("./migration.js")).migrate(invocation, from ?? "", to ?? ""),
  });
}
