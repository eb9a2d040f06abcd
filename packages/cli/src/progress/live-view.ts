import { createLogUpdate } from "log-update";
import sliceAnsi from "slice-ansi";
import type { Terminal } from "../terminal/terminal.js";
import { nameWidth, titleLine } from "./line-view.js";
import type { ProgressView, StepProgress } from "./run-progress.js";
import { endedLine, runningLine } from "./step-line.js";

const FRAME_MS = 80;

/** For terminals: steps that have ended scroll away above, those that go on are redrawn below. */
export class LiveView implements ProgressView {
  readonly #terminal: Terminal;
  readonly #draw: ReturnType<typeof createLogUpdate>;
  readonly #running = new Map<string, StepProgress>();
  readonly #write = process.stdout.write.bind(process.stdout);
  readonly #writeError = process.stderr.write.bind(process.stderr);
  #above: string[] = [];
  #width = 0;
  #frame = 0;
  #timer: NodeJS.Timeout | undefined;
  #drawing = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.#draw = createLogUpdate(process.stdout, { showCursor: false });
  }

  begin(run: Parameters<ProgressView["begin"]>[0]): void {
    this.#width = nameWidth(run.stepIds);
    this.#above.push(titleLine(run, this.#terminal));
    this.#redraw();
    this.#timer ??= setInterval(() => {
      this.#frame += 1;
      this.#redraw();
    }, FRAME_MS).unref();
    process.stdout.write = this.#intercept as typeof process.stdout.write;
    // Where it goes to a file, it is nothing to the display.
    if (process.stderr.isTTY) process.stderr.write = this.#intercept as typeof process.stderr.write;
  }

  update(step: StepProgress): void {
    this.#running.set(step.id, step);
  }

  ended(step: StepProgress): void {
    this.#running.delete(step.id);
    this.#above.push(endedLine(step, this.#width, this.#terminal));
    // A wave of cached steps is written in one go with the next frame.
    if (this.#above.length > 200) this.#redraw();
  }

  remark(text: string): void {
    this.#above.push(text);
    this.#redraw();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#running.clear();
    this.#redraw();
    process.stdout.write = this.#write;
    process.stderr.write = this.#writeError;
    this.#draw.done();
  }

  /** What a step writes by itself must not end up in the middle of what is being redrawn. */
  readonly #intercept = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    if (this.#drawing) return (this.#write as (...all: unknown[]) => boolean)(chunk, ...rest);
    const text = typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8");
    this.#above.push(text.replace(/\n$/, ""));
    const callback = rest.find((item) => typeof item === "function") as (() => void) | undefined;
    if (callback) queueMicrotask(callback);
    return true;
  };

  #redraw(): void {
    this.#drawing = true;
    try {
      if (this.#above.length > 0) {
        this.#draw.clear();
        this.#write(`${this.#above.join("\n")}\n`);
        this.#above = [];
      }
      const room = Math.max(1, this.#terminal.height() - 2);
      const steps = [...this.#running.values()];
      // A line that wraps would be redrawn wrongly.
      const lines = steps.slice(0, room).map((step) => sliceAnsi(this.#line(step), 0, this.#terminal.width() - 1));
      if (steps.length > room) lines.push(`    and ${steps.length - room} more`);
      this.#draw(lines.join("\n"));
    } finally {
      this.#drawing = false;
    }
  }

  #line(step: StepProgress): string {
    return runningLine(step, this.#width, this.#frame, this.#terminal);
  }
}
