import { duration } from "../terminal/format.js";
import type { Terminal } from "../terminal/terminal.js";
import type { ProgressView, StepProgress } from "./run-progress.js";
import { endedLine, progressFacts, progressFields } from "./step-line.js";

const QUIET_MS = 10_000;

/** For logs and pipes: a line when a step ends, and one now and then while it takes long. */
export class LineView implements ProgressView {
  readonly #terminal: Terminal;
  readonly #write: (line: string) => void;
  readonly #lastSaid = new Map<string, number>();
  #width = 0;

  constructor(terminal: Terminal, write: (line: string) => void = (line) => terminal.print(line)) {
    this.#terminal = terminal;
    this.#write = write;
  }

  begin(run: Parameters<ProgressView["begin"]>[0]): void {
    this.#width = nameWidth(run.stepIds);
    this.#write(titleLine(run, this.#terminal));
  }

  update(step: StepProgress): void {
    const last = this.#lastSaid.get(step.id) ?? step.startedAt;
    const now = performance.now();
    if (step.status !== "retrying" && now - last < QUIET_MS) return;
    this.#lastSaid.set(step.id, now);
    const [count = ""] = progressFacts(step, this.#terminal);
    const facts = [count.trim(), ...progressFields(step), step.remark, duration(now - step.startedAt)];
    this.#write(
      `  ${this.#terminal.symbols.waiting} ${step.id.padEnd(this.#width)}  ${facts.filter(Boolean).join("  ")}`,
    );
  }

  ended(step: StepProgress): void {
    this.#lastSaid.delete(step.id);
    this.#write(endedLine(step, this.#width, this.#terminal));
  }

  remark(text: string): void {
    this.#write(text);
  }

  close(): void {}
}

export function titleLine(run: Parameters<ProgressView["begin"]>[0], { colors }: Terminal): string {
  return `  ${colors.bold(run.pipeline)}  run ${run.id} on stack ${run.stack}`;
}

/** Long names must not push everything else out of sight. */
export function nameWidth(stepIds: readonly string[]): number {
  return Math.min(
    32,
    stepIds.reduce((widest, id) => Math.max(widest, id.length), 0),
  );
}
