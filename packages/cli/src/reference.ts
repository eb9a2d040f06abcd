import type { Command } from "commander";
import { shortcuts } from "./aliases.js";
import { examplesOf } from "./command.js";
import { exitCodeMeanings, exitCodes } from "./exit-codes.js";

/** The reference of the command line in Markdown, as docs/reference/cli.md has it. */
export function renderReference(program: Command): string {
  const commands = leaves(program);
  const parts = [
    "# The command `tenon`",
    "<!-- Written by scripts/generate-cli-reference.mjs; change the commands, not this file. -->",
    program.description(),
    [
      "Progress is redrawn on a terminal and written as plain lines elsewhere. Colours obey `NO_COLOR` and `FORCE_COLOR`.",
      "Data goes to standard output; errors and hints go to standard error, with `--json` as one line of JSON.",
      "A `tenon` that is installed globally, or fetched by `npx`, hands over to the project's own copy.",
    ].join("\n"),
    ["| Command | What it does |", "| --- | --- |", ...commands.map(overviewRow)].join("\n"),
    ...commands.map(section),
    "## Shortcuts",
    [
      "| You type | It means |",
      "| --- | --- |",
      ...Object.entries(shortcuts).map(([word, target]) => `| \`tenon ${word}\` | \`tenon ${target.join(" ")}\` |`),
    ].join("\n"),
    "## Exit codes",
    [
      "| Code | Meaning |",
      "| --- | --- |",
      ...(Object.keys(exitCodes) as (keyof typeof exitCodes)[]).map(
        (name) => `| ${exitCodes[name]} | ${exitCodeMeanings[name]} |`,
      ),
    ].join("\n"),
  ];
  return `${parts.join("\n\n")}\n`;
}

/** Every command that does something, groups that do something by themselves included. */
function leaves(command: Command): Command[] {
  const inner = command.commands.flatMap(leaves);
  return examplesOf(command).length > 0 ? [command, ...inner] : inner;
}

function section(command: Command): string {
  const path = pathOf(command);
  const [summary = "", ...details] = command.description().split("\n\n");
  const aliases = command.aliases();
  const options = command.options.filter(({ hidden }) => !hidden);
  return [
    `## \`${path}\``,
    summary,
    ...details,
    aliases.length > 0 ? `Also: ${aliases.map((alias) => `\`${alias}\``).join(", ")}.` : "",
    ["```", ...examplesOf(command).map((line) => `$ ${line}`), "```"].join("\n"),
    [
      "| Option | |",
      "| --- | --- |",
      ...options.map((option) => `| \`${cell(option.flags)}\` | ${cell(optionText(option))} |`),
    ].join("\n"),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function optionText(option: Command["options"][number]): string {
  const { description, argChoices: choices, defaultValue: standard } = option;
  const facts = [
    ...(choices ? [`one of ${choices.map((choice) => `\`${choice}\``).join(", ")}`] : []),
    ...(typeof standard === "string" ? [`by default \`${standard}\``] : []),
  ];
  return facts.length > 0 ? `${description} (${facts.join("; ")})` : description;
}

function overviewRow(command: Command): string {
  const path = pathOf(command);
  return `| [\`${cell(path)}\`](#${anchor(path)}) | ${cell(command.summary())} |`;
}

function pathOf(command: Command): string {
  const names: string[] = [];
  for (let current: Command | null = command; current; current = current.parent) names.unshift(current.name());
  const operands = command.registeredArguments.map((operand) =>
    operand.required ? `<${operand.name()}>` : `[${operand.name()}]`,
  );
  return [...names, ...operands].join(" ");
}

function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, "")
    .replaceAll(" ", "-");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
