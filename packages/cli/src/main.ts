import { CommanderError } from "commander";
import { expandShortcut } from "./aliases.js";
import { wantsVerbose } from "./command.js";
import { exitCodes } from "./exit-codes.js";
import { createProgram } from "./program.js";
import { reportError } from "./report-error.js";
import { createTerminal } from "./terminal/terminal.js";

/** Runs one command line and ends the process with its exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  endSilentlyWhenNobodyReads();
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

/** `tenon run list | head -1`: the reader has had enough. */
function endSilentlyWhenNobodyReads(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      process.emit("tenon:unread" as never);
      if (!process.listenerCount("tenon:unread")) process.exit(process.exitCode ?? exitCodes.ok);
    });
  }
}

function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableEnded) resolve();
    else stream.write("", () => resolve());
  });
}
