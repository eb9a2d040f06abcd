import { AsyncLocalStorage } from "node:async_hooks";
import type { StepLog } from "./step-log.js";

/**
 * Puts what steps of this process write to its standard output and error into their logs too. Which step it was is told
 * by the asynchronous context in which it was written, so that steps that run side by side are kept apart. It costs
 * something only while steps run.
 */
class OutputCapture {
  readonly #writer = new AsyncLocalStorage<StepLog | undefined>();
  #inside = 0;
  #release: (() => void) | undefined;

  /** Calls `work`; what it writes goes where it would have gone, and to the log. */
  async inside<T>(log: StepLog, work: () => T | Promise<T>): Promise<T> {
    this.#inside += 1;
    this.#release ??= this.#listen();
    try {
      return await this.#writer.run(log, work);
    } finally {
      this.#inside -= 1;
      if (this.#inside === 0) {
        this.#release?.();
        this.#release = undefined;
        this.#writer.disable();
      }
    }
  }

  /** For what a step sets off that is not its own, such as the display of its progress. */
  outside<T>(work: () => T): T {
    return this.#writer.run(undefined, work);
  }

  #listen(): () => void {
    const undo = [process.stdout, process.stderr].map((stream) => {
      const { write } = stream;
      const copying = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
        this.#writer.getStore()?.text(typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8"));
        return (write as (...all: unknown[]) => boolean).call(stream, chunk, ...rest);
      };
      stream.write = copying as typeof stream.write;
      return () => {
        // Somebody else may have put theirs on top meanwhile.
        if (stream.write === copying) stream.write = write;
      };
    });
    return () => {
      for (const one of undo) one();
    };
  }
}

export const outputCapture = new OutputCapture();
