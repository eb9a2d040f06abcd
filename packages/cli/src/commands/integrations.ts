import type { Command } from "commander";
import { addCommand, option, repeatable } from "../command.js";

export interface InstallOptions {
  readonly for?: readonly string[];
  readonly all?: boolean;
  readonly dryRun?: boolean;
}

export function addIntegrationCommands(integration: Command): void {
  addCommand(integration, {
    usage: "list",
    aliases: ["ls"],
    summary: "List the integrations among the project's dependencies; none of their code runs",
    examples: ["tenon integration list"],
    json: true,
    run: async (invocation) => (await import("./integration-list.js")).listIntegrations(invocation),
  });

  addCommand(integration, {
    usage: "check [name]",
    aliases: ["show", "describe"],
    summary: "Check what integrations and their components need, all of them or one",
    examples: ["tenon integration check", "tenon integration check gcp"],
    json: true,
    run: async (invocation, name) => (await import("./integration-list.js")).checkIntegrations(invocation, name),
  });

  addCommand<InstallOptions>(integration, {
    usage: "install <name>",
    aliases: ["add", "i"],
    summary: "Install an integration, or what a component of an installed one needs",
    details: "Uses the package manager that the project uses, and prints the command before it runs it.",
    examples: ["tenon integration install gcp", "tenon integration install gcp --for artifact-store/gcs"],
    options: [
      repeatable("--for <component>", "also what this component needs, as kind/flavor; can be given several times"),
      option("--all", "also what all its components need"),
      option("--dry-run", "print the command, and don't run it"),
    ],
    json: true,
    run: async (invocation, name) =>
      (await import("./integration-install.js")).installIntegration(invocation, name ?? ""),
  });

  addCommand<Pick<InstallOptions, "dryRun">>(integration, {
    usage: "uninstall <name>",
    aliases: ["remove", "rm"],
    summary: "Remove an integration's package from the project",
    examples: ["tenon integration uninstall gcp"],
    options: [option("--dry-run", "print the command, and don't run it")],
    json: true,
    run: async (invocation, name) =>
      (await import("./integration-install.js")).uninstallIntegration(invocation, name ?? ""),
  });
}
