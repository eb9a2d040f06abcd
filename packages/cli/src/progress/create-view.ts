import type { Terminal } from "../terminal/terminal.js";
import { LineView } from "./line-view.js";
import type { ProgressView } from "./run-progress.js";

/** Redrawn on a terminal, plain lines elsewhere; beside JSON, which has standard output for itself, on standard error. */
export async function createView(terminal: Terminal, json: boolean): Promise<ProgressView> {
  if (json) return new LineView({ ...terminal, colors: terminal.errorColors }, (line) => terminal.note(line));
  if (!terminal.live) return new LineView(terminal);
  const { LiveView } = await import("./live-view.js");
  return new LiveView(terminal);
}
