import { type ExitCode, exitCodes } from "./exit-codes.js";

export interface Interrupts {
  /** Aborted by the first Ctrl-C, or when the process is told to end. */
  readonly signal: AbortSignal;
  /** What the process ends with if the run was cancelled. */
  exitCode(): ExitCode;
}

/**
 * The first Ctrl-C cancels the run and lets it finish its records; the second ends the process. It stays so until the
 * process ends: a second one that comes late must not look like a crash.
 */
export function handleInterrupts(
  say: (text: string) => void,
  notice = "  Cancelling: the steps that go on are asked to stop. Press Ctrl-C again to end at once.",
): Interrupts {
  const controller = new AbortController();
  let received: NodeJS.Signals | undefined;
  const listener = (signal: NodeJS.Signals) => {
    if (received !== undefined) {
      process.stderr.write("\u001b[?25h".repeat(Number(process.stderr.isTTY === true)));
      process.exit(codeOf(received));
    }
    received = signal;
    say(notice);
    controller.abort(new Error(`The process received ${signal}`));
  };
  process.on("SIGINT", listener);
  process.on("SIGTERM", listener);
  return {
    signal: controller.signal,
    exitCode: () => codeOf(received),
  };
}

function codeOf(signal: NodeJS.Signals | undefined): ExitCode {
  return signal === "SIGTERM" ? exitCodes.terminated : exitCodes.cancelled;
}
