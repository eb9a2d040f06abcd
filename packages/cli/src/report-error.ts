import { errorCodes } from "@tenon/core/internal";
import { type ExitCode, exitCodeOf, isKnown } from "./exit-codes.js";
import type { Terminal } from "./terminal/terminal.js";

export interface ReportOptions {
  readonly verbose: boolean;
  /** Errors as JSON too, for programs that read the output. */
  readonly json: boolean;
}

/** Says on standard error what went wrong and what to do, and which exit code that makes. */
export function reportError(error: unknown, terminal: Terminal, { verbose, json }: ReportOptions): ExitCode {
  if (json) {
    terminal.note(JSON.stringify({ error: errorAsJson(error) }));
    return exitCodeOf(error);
  }
  const { red, bold, dim, cyan } = terminal.errorColors;
  const lines: string[] = [];
  if (isKnown(error)) {
    lines.push(`${red(terminal.symbols.failed)} ${bold(error.code)}`);
    lines.push(indent(sentence(`${capitalise(error.doing)}: ${error.found.trim()}`)));
    for (const cause of causes(error)) lines.push(indent(dim(`Because: ${cause}`)));
    if (error.fix) lines.push(indent(cyan(error.fix)));
    if (verbose) lines.push("", dim(fullStack(error)));
  } else {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    lines.push(`${red(terminal.symbols.failed)} ${bold("INTERNAL")}`);
    lines.push(indent(`Tenon failed in a way that it does not know; this is a bug. ${message}`));
    lines.push(
      verbose ? `\n${dim(fullStack(error))}` : indent(cyan("Run the command again with --verbose to see where.")),
    );
  }
  terminal.note(lines.join("\n"));
  return exitCodeOf(error);
}

export function errorAsJson(error: unknown): Record<string, unknown> {
  if (!isKnown(error)) {
    // What another process has recorded keeps its code, and is not the error that was thrown there.
    const { code } = (error ?? {}) as { readonly code?: unknown };
    const known = typeof code === "string" && Object.hasOwn(errorCodes, code) ? code : "INTERNAL";
    return { code: known, message: error instanceof Error ? error.message : String(error) };
  }
  const { code, message, doing, found, fix } = error;
  const { details } = error as { details?: unknown };
  return { code, message, doing, found, ...(fix === undefined ? {} : { fix }), details };
}

/** What lies behind an error, as one line each; what only repeats the line before is left out. */
function causes(error: Error): string[] {
  const lines: string[] = [];
  for (let cause = error.cause, depth = 0; cause !== undefined && depth < 5; depth++) {
    const text = (cause instanceof Error ? cause.message : String(cause)).split("\n")[0] ?? "";
    if (text && !error.message.includes(text)) lines.push(text);
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return lines;
}

function fullStack(error: unknown): string {
  const parts: string[] = [];
  for (let current = error; current !== undefined && parts.length < 6; ) {
    parts.push(current instanceof Error ? (current.stack ?? current.message) : String(current));
    current = current instanceof Error ? current.cause : undefined;
  }
  return parts.join("\ncaused by ");
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function indent(text: string): string {
  return text.replace(/^/gm, "  ");
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
