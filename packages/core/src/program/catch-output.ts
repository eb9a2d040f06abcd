import { StepLog } from "../runtime/step-log.js";

/**
 * Until it is released, what this process writes to its standard output and error goes to a step's log. Native code and
 * child processes write past it; their output reaches the parent.
 */
export function catchOutput(file: string): () => Promise<void> {
  const log = new StepLog(file, { atOnce: true });
  const { stdout, stderr } = process;
  const originals = { stdout: stdout.write, stderr: stderr.write };
  const write = (chunk: string | Uint8Array, encoding?: unknown, done?: unknown): boolean => {
    log.text(typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8"));
    const callback = typeof encoding === "function" ? encoding : done;
    if (typeof callback === "function") queueMicrotask(() => callback());
    return true;
  };
  stdout.write = write as typeof stdout.write;
  stderr.write = write as typeof stderr.write;
  return async () => {
    stdout.write = originals.stdout;
    stderr.write = originals.stderr;
    await log.close();
  };
}
