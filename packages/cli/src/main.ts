import { CommanderError } from "commander";
import { expandShortcut } from "./aliases.js";
import { wantsVerbose } from "./command.js";
import { exitCodes } from "./exit-codes.js";
import { createProgram } from "./program.js";
import { endSilentlyWhenNobodyReads } from "./reader.js";
import { reportError } from "./report-error.js";
import { createTerminal } from "./terminal/terminal.js";

/** Runs one command line and ends the process with its exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  endSilentlyWhenNobodyReads(() => Number(process.exitCode ?? exitCodes.ok));
  process.on("uncaughtException", reportStray);
  await execute(argv);
  await flush(process.stdout);
  await flush(process.stderr);
  // A pipeline may have left timers and connections open: what was asked for is done.
  process.exit();
}

async function execute(argv: readonly string[]): Promise<void> {
  try {
    await createProgram().parseAsync(expandShortcut(argv), { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has printed its message, or the help that was asked for.
      process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
      return;
    }
    const verbose = argv.includes("--verbose") || wantsVerbose(process.env);
    process.exitCode = reportError(error, createTerminal(), { verbose, json: argv.includes("--json") });
  }
}

/** A promise that no step waits for, a callback that throws: nobody can tell which step it belongs to. */
function reportStray(error: unknown): void {
  const terminal = createTerminal();
  const { red, bold, cyan, dim } = terminal.errorColors;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  terminal.note(`${red(terminal.symbols.failed)} ${bold("Something failed that no step was waiting for")}`);
  terminal.note(dim(text.replace(/^/gm, "  ")));
  terminal.note(cyan("  A run that was going on can be taken up again: tenon run resume"));
  process.exit(exitCodes.failed);
}

function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableEnded) resolve();
    else stream.write("", () => resolve());
  });
}
