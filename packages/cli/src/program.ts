import { Command } from "commander";
import { shortcuts } from "./aliases.js";
import { addArtifactCommands } from "./commands/artifacts.js";
import { addCacheCommands, addComparingCommands } from "./commands/comparisons.js";
import { addDeploymentCommands } from "./commands/deployments.js";
import { addDoctorCommand } from "./commands/doctor.js";
import { addGarbageCommand } from "./commands/gc.js";
import { addInitCommand } from "./commands/init.js";
import { addIntegrationCommands } from "./commands/integrations.js";
import { addModelCommands } from "./commands/models.js";
import { addPipelineCommands } from "./commands/pipelines.js";
import { addRunCommand } from "./commands/run.js";
import { addRunCommands, addRunRemoval } from "./commands/runs.js";
import { addStackCommands } from "./commands/stacks.js";
import { addStepCommands } from "./commands/steps.js";
import { exitCodeMeanings, exitCodes } from "./exit-codes.js";
import { createTerminal } from "./terminal/terminal.js";
import { ownVersion } from "./version.js";

/** The whole tree of commands. `docs/reference/cli.md` is written from it. */
export function createProgram(version = ownVersion()): Command {
  const terminal = createTerminal();
  const program = new Command("tenon")
    .description("Runs machine-learning and data pipelines, and shows what they made.")
    .version(version, "-V, --version", "print the version")
    .enablePositionalOptions()
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureHelp({ sortSubcommands: false, showGlobalOptions: false })
    .configureOutput({
      outputError: (text, write) => write(usageBlock(text)),
      getOutHasColors: () => terminal.colors.isColorSupported,
      getErrHasColors: () => terminal.errorColors.isColorSupported,
    });

  const run = addRunCommand(program);
  addRunCommands(run);
  addRunRemoval(run);
  addComparingCommands(run);
  addArtifactCommands(group(program, "artifact", "Look at artifacts and load them"));
  addCacheCommands(group(program, "cache", "See why a step was, or was not, taken from the cache"));
  const model = group(program, "model", "Look at models and their versions, move these between stages, serve them");
  addModelCommands(model);
  addDeploymentCommands(model);
  addPipelineCommands(group(program, "pipeline", "Look at pipelines and their plans"));
  addStepCommands(group(program, "step", "Run steps of recorded runs, as a worker"));
  addStackCommands(group(program, "stack", "Look at stacks, check them, choose one"));
  addIntegrationCommands(group(program, "integration", "Look at integrations, check them, install them"));
  addGarbageCommand(program);
  addDoctorCommand(program);
  addInitCommand(program);

  program.addHelpText("after", () => `\n${shortcutHelp()}\n\n${exitCodeHelp()}`);
  return program;

  function usageBlock(text: string): string {
    const { red, bold } = terminal.errorColors;
    const message = text.replace(/^error: /, "").trim();
    return `${red(terminal.symbols.failed)} ${bold("USAGE_INVALID")}\n${`${capitalise(message)}`.replace(/^/gm, "  ")}\n`;
  }
}

function group(program: Command, name: string, summary: string): Command {
  return program.command(name).summary(summary).description(`${summary}.`).enablePositionalOptions();
}

export function exitCodeHelp(): string {
  const names = Object.keys(exitCodes) as (keyof typeof exitCodes)[];
  return `Exit codes:\n${names.map((name) => `  ${String(exitCodes[name]).padStart(3)}  ${exitCodeMeanings[name]}`).join("\n")}`;
}

function shortcutHelp(): string {
  const lines = Object.entries(shortcuts).map(([word, target]) => `  ${word.padEnd(12)} ${target.join(" ")}`);
  return `Shortcuts:\n${lines.join("\n")}`;
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
