import type { Command } from "commander";
import { addCommand, option } from "../command.js";

export function addArtifactCommands(artifact: Command): void {
  addCommand<{ limit: string }>(artifact, {
    usage: "list [name]",
    aliases: ["ls", "versions"],
    summary: "List artifacts with their latest version, or the versions of one",
    examples: ["tenon artifact list", "tenon artifact list penguins.fit --limit 5"],
    options: [option("--limit <count>", "at most so many").default("50")],
    json: true,
    stack: true,
    run: async (invocation, name) => (await import("./artifact-list.js")).listArtifacts(invocation, name),
  });

  addCommand(artifact, {
    usage: "show <artifact>",
    aliases: ["describe", "get"],
    summary: "Show one version of an artifact: where it lies, what is known of it, which step made it",
    details: "An artifact is named as `name`, which means its latest version, `name@latest`, or `name@version`.",
    examples: ["tenon artifact show penguins.fit", "tenon artifact show penguins.fit@3 --json"],
    json: true,
    stack: true,
    run: async (invocation, reference) =>
      (await import("./artifact-show.js")).showArtifact(invocation, reference ?? ""),
  });

  addCommand<{ output?: string; as?: string; visualization?: string }>(artifact, {
    usage: "load <artifact>",
    aliases: ["cat", "download"],
    summary: "Print the value of an artifact, or write its files",
    details:
      "Values that are not text are printed as JavaScript shows them. With --output the artifact's files are written, " +
      "verified, as they were stored: one file as a file, several as a directory. Nothing is overwritten.",
    examples: [
      "tenon artifact load penguins.evaluate.metrics",
      "tenon artifact load penguins.fit@3 --output model.json",
      "tenon artifact load penguins.evaluate --visualization confusion-matrix --output matrix.svg",
    ],
    options: [
      option("--output <path>", "write the files here instead of printing the value"),
      option("--as <type>", "look at it as this artifact type, for example `text`"),
      option("--visualization <name>", "the visualization of this name instead of the value"),
    ],
    json: true,
    stack: true,
    run: async (invocation, reference) =>
      (await import("./artifact-load.js")).loadArtifact(invocation, reference ?? ""),
  });
}
