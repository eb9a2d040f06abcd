import type { Terminal } from "./terminal.js";

type Status = "running" | "succeeded" | "cached" | "failed" | "skipped" | "cancelled" | "waiting" | "broke off";

/** A status as it is shown everywhere: its sign and its word, in its colour. */
export function statusText(status: string, { colors, symbols }: Pick<Terminal, "colors" | "symbols">): string {
  return paint(status, colors)(`${statusSymbol(status, symbols)} ${status}`);
}

export function statusSymbol(status: string, symbols: Terminal["symbols"]): string {
  switch (status as Status) {
    case "succeeded":
    case "cached":
      return symbols.done;
    case "failed":
      return symbols.failed;
    case "skipped":
    case "cancelled":
      return symbols.skipped;
    case "broke off":
      return symbols.warning;
    default:
      return symbols.waiting;
  }
}

export function paint(status: string, colors: Terminal["colors"]): (text: string) => string {
  switch (status as Status) {
    case "succeeded":
    case "cached":
      return colors.green;
    case "failed":
      return colors.red;
    case "skipped":
    case "cancelled":
    case "broke off":
      return colors.yellow;
    default:
      return colors.cyan;
  }
}
