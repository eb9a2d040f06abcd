import type { Command } from "commander";
import { addCommand, type Invocation, option } from "../command.js";
import type { LineageOptions } from "./artifact-lineage.js";
import type { CopyOptions } from "./migration.js";
import type { ForceOptions } from "./removal.js";

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

  addCommand<LineageOptions>(artifact, {
    usage: "lineage <artifact>",
    aliases: ["trace"],
    summary: "Show where an artifact came from and what became of it, across pipelines",
    examples: [
      "tenon artifact lineage penguins.fit",
      "tenon artifact lineage penguins.fit@3 --direction downstream --depth 2",
      "tenon artifact lineage penguins.fit --format svg --output lineage.svg",
    ],
    options: [
      option("--direction <direction>", "only one way").choices(["upstream", "downstream", "both"]).default("both"),
      option("--depth <count>", "at most so many artifacts away"),
      option("--format <format>", "how it is drawn").choices(["tree", "mermaid", "svg"]).default("tree"),
      option("--output <path>", "write it to this file, which must not be there"),
    ],
    json: true,
    stack: true,
    run: async (invocation, reference) =>
      (await import("./artifact-lineage.js")).showLineage(invocation, reference ?? ""),
  });

  addCommand<CopyOptions>(artifact, {
    usage: "copy <artifact>",
    aliases: ["cp"],
    summary: "Copy one version of an artifact to another stack",
    details:
      "With its metadata, tags and visualizations, verified by digest. In the other stack it is the next version of its " +
      "name, or keeps the name of its version; a tag says where it is from. One that is there already is not copied again.",
    examples: [
      "tenon artifact copy penguins.fit@3 --to shared",
      "tenon artifact copy penguins.fit --to shared --dry-run",
    ],
    options: [
      option("--to <stack>", "the stack to copy it to, one of tenon.yaml's").makeOptionMandatory(),
      option("--dry-run", "only say what would be copied"),
    ],
    json: true,
    stack: true,
    run: async (invocation, reference) => (await import("./migration.js")).copyArtifact(invocation, reference ?? ""),
  });

  addCommand<ForceOptions>(artifact, {
    usage: "prune [name]",
    summary: "Remove versions of artifacts, or of one, that nothing refers to any more",
    details:
      "A version is held by the run that made it, by runs that took it, by models and by tags. Its number is not used " +
      "again. Without --yes the command only says what it would remove.",
    examples: ["tenon artifact prune", "tenon artifact prune penguins.fit --yes"],
    options: [option("--yes", "do it")],
    json: true,
    stack: true,
    run: async (invocation, name) => {
      const names = name === undefined ? await allNames(invocation) : [name];
      return (await import("./removal.js")).removeGarbage(invocation, { artifacts: names });
    },
  });
}

async function allNames({ withClient }: Invocation): Promise<string[]> {
  return withClient(async (client) => {
    const names: string[] = [];
    for await (const { name } of client.artifacts.list()) names.push(name);
    return names;
  });
}
