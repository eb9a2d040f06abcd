import type { StackCheck, TenonError } from "@tenon/core/internal";
import { errorAsJson } from "../report-error.js";
import type { Terminal } from "../terminal/terminal.js";
import { words } from "./words.js";

type Probes = StackCheck["probes"];
type Finding = Probes[string][number];

export function hasFailed(probes: Probes): boolean {
  return Object.values(probes).some((findings) => findings.some(({ error }) => error !== undefined));
}

export function probesAsJson(probes: Probes): Record<string, unknown> {
  const asJson = ({ tried, permission, error, note }: Finding) => ({
    tried,
    ...(permission !== undefined && { permission }),
    ...(error !== undefined && { error: errorAsJson(error) }),
    ...(note !== undefined && { note }),
  });
  return Object.fromEntries(Object.entries(probes).map(([kind, findings]) => [kind, findings.map(asJson)]));
}

export function printProbes(terminal: Terminal, probes: Probes): void {
  const { colors, symbols } = terminal;
  for (const [kind, findings] of Object.entries(probes)) {
    terminal.print(`  ${words(kind)} was tried:`);
    for (const { tried, permission, error, note } of findings) {
      const symbol = error ? colors.red(symbols.failed) : colors.green(symbols.done);
      terminal.print(`    ${symbol} ${tried}${permission === undefined ? "" : colors.dim(`  ${permission}`)}`);
      if (error) printError(terminal, error);
      if (note !== undefined) terminal.print(`        ${colors.yellow(note)}`);
    }
  }
}

function printError({ print, colors }: Pick<Terminal, "print" | "colors">, error: Error): void {
  const { code, found, fix } = error as Partial<TenonError>;
  print(`        ${code === undefined ? error.message : `${code}  ${found}`}`);
  if (fix !== undefined) print(`        ${colors.cyan(fix)}`);
}
