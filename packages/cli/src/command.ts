import type { Client } from "@tenon/core/internal";
import { type Command, Option } from "commander";
import type { ExitCode } from "./exit-codes.js";
import { createTerminal, type Terminal } from "./terminal/terminal.js";

/** One call of a command: its options, and what it works with. */
export interface Invocation<Options = unknown> {
  readonly options: Options & CommonOptions;
  readonly terminal: Terminal;
  readonly directory: string;
  readonly verbose: boolean;
  /** Opens the project's records, hands them to `use`, and closes them again. */
  withClient<T>(use: (client: Client) => Promise<T>): Promise<T>;
}

export interface CommonOptions {
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly stack?: string;
}

export interface CommandSpecification<Options> {
  /** The name and the arguments, as commander writes them: `show <run>`. */
  readonly usage: string;
  readonly aliases?: readonly string[];
  readonly summary: string;
  /** What `--help` says beyond the summary. */
  readonly details?: string;
  readonly examples: readonly string[];
  readonly options?: readonly Option[];
  /** It prints data, so it knows `--json`. */
  readonly json?: boolean;
  /** It works with the stores of a stack, so it knows `--stack`. */
  readonly stack?: boolean;
  run(invocation: Invocation<Options>, ...operands: (string | undefined)[]): Promise<ExitCode | undefined>;
}

/** Adds a command to the tree. What it does when called is imported only then. */
export function addCommand<Options = unknown>(parent: Command, specification: CommandSpecification<Options>): Command {
  const command = parent.command(specification.usage).summary(specification.summary);
  // An option after a subcommand is the subcommand's: `run list --json`.
  command.enablePositionalOptions();
  const { details } = specification;
  command.description(details ? `${specification.summary}.\n\n${details}` : `${specification.summary}.`);
  examples.set(command, specification.examples);
  command.addHelpText("after", exampleHelp(specification.examples));
  command.aliases([...(specification.aliases ?? [])]);
  for (const option of specification.options ?? []) command.addOption(option);
  if (specification.stack) command.option("--stack <name>", "the stack to use, one of tenon.yaml's");
  if (specification.json) command.option("--json", "print JSON, for programs");
  command.option("--verbose", "show stack traces (or set TENON_VERBOSE=1)");
  command.action(async (...values: unknown[]) => {
    const operands = values.slice(0, command.registeredArguments.length) as (string | undefined)[];
    const exitCode = await specification.run(createInvocation(command.optsWithGlobals()), ...operands);
    process.exitCode = exitCode ?? 0;
  });
  return command;
}

const examples = new WeakMap<Command, readonly string[]>();

/** For the reference in docs/. */
export function examplesOf(command: Command): readonly string[] {
  return examples.get(command) ?? [];
}

function exampleHelp(lines: readonly string[]): string {
  return `\n${lines.length > 1 ? "Examples" : "Example"}:\n${lines.map((line) => `  $ ${line}`).join("\n")}`;
}

export function option(flags: string, description: string): Option {
  return new Option(flags, description);
}

/** An option that can be given several times. */
export function repeatable(flags: string, description: string): Option {
  return new Option(flags, description)
    .argParser((value: string, all: readonly string[] | undefined) => [...(all ?? []), value])
    .default(undefined);
}

function createInvocation<Options>(options: Options & CommonOptions): Invocation<Options> {
  const directory = process.cwd();
  return {
    options,
    terminal: createTerminal(),
    directory,
    verbose: options.verbose === true || wantsVerbose(process.env),
    async withClient(use) {
      const { Client } = await import("@tenon/core/internal");
      const client = new Client({ directory, ...(options.stack === undefined ? {} : { stack: options.stack }) });
      try {
        return await use(client);
      } finally {
        await client.close();
      }
    },
  };
}

export function wantsVerbose(environment: NodeJS.ProcessEnv): boolean {
  const { TENON_VERBOSE: value } = environment;
  return value !== undefined && value !== "" && value !== "0" && value !== "false";
}
