import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { appendFile, mkdir, readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";

const FLUSH_AFTER_MS = 100;
const FLUSH_AT = 64 * 1024;
const LONGEST_LOG = 32 * 1024 * 1024;

/**
 * The log of one attempt. Lines are gathered and written a block at a time, so that a step that logs much waits for
 * nothing; nothing is created for a step that says nothing; what goes beyond 32 MiB is dropped, and the log says so.
 * In a process that serves one step, each line is written before the step goes on, for the step may end the process.
 */
export class StepLog {
  readonly file: string;
  #pending: string[] = [];
  #pendingSize = 0;
  #written = 0;
  #dropped = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #ready = false;
  readonly #atOnce: boolean;
  #descriptor: number | undefined;

  constructor(file: string, { atOnce = false }: { readonly atOnce?: boolean } = {}) {
    this.file = file;
    this.#atOnce = atOnce;
  }

  line(level: string, text: string): void {
    this.text(`${new Date().toISOString()} ${level.padEnd(5)} ${text}\n`);
  }

  text(text: string): void {
    if (this.#written + this.#pendingSize > LONGEST_LOG) {
      this.#dropped += text.length;
      return;
    }
    if (this.#atOnce) {
      this.#writeNow(text);
      return;
    }
    this.#pending.push(text);
    this.#pendingSize += text.length;
    if (this.#pendingSize >= FLUSH_AT) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), FLUSH_AFTER_MS);
  }

  async close(): Promise<void> {
    if (this.#dropped > 0) {
      this.#pending.push(`… ${this.#dropped} more characters were dropped\n`);
      this.#pendingSize += 1;
      this.#dropped = 0;
    }
    this.#flush();
    await this.#writing;
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#pendingSize === 0) return;
    const block = this.#pending.join("");
    this.#pending = [];
    this.#written += this.#pendingSize;
    this.#pendingSize = 0;
    this.#writing = this.#writing.then(() => this.#append(block)).catch(() => {});
  }

  #writeNow(text: string): void {
    this.#written += text.length;
    try {
      if (this.#descriptor === undefined) mkdirSync(dirname(this.file), { recursive: true });
      this.#descriptor ??= openSync(this.file, "a");
      writeSync(this.#descriptor, text);
    } catch {
      // As with `#append`.
    }
  }

  /** A log that cannot be written is no reason for a step to fail. */
  async #append(block: string): Promise<void> {
    if (!this.#ready) await mkdir(dirname(this.file), { recursive: true });
    this.#ready = true;
    await appendFile(this.file, block);
  }
}

/** Where the log of an attempt lies: `logs/<run>/<step>.<attempt>.log` under the state directory. */
export function stepLogFile(stateDirectory: string, runId: string, stepId: string, attempt: number): string {
  return join(runLogDirectory(stateDirectory, runId), `${encodeURIComponent(stepId)}.${attempt}.log`);
}

export function runLogDirectory(stateDirectory: string, runId: string): string {
  return join(stateDirectory, "logs", runId);
}

/** For what reaches this process in pieces, such as another process' output. */
export function appendToStepLog(file: string, text: string): void {
  const log = new StepLog(file);
  log.text(text);
  void log.close();
}

export interface StepLogText {
  readonly stepId: string;
  readonly attempt: number;
  readonly text: string;
}

/** The logs of a run, or of one of its steps; a step that said nothing has none. */
export async function readStepLogs(stateDirectory: string, runId: string, stepId?: string): Promise<StepLogText[]> {
  const directory = runLogDirectory(stateDirectory, runId);
  const names = await readdir(directory).catch(() => []);
  const found = names.flatMap((name) => {
    const match = /^(.+)\.(\d+)\.log$/.exec(name);
    return match ? [{ name, stepId: decodeURIComponent(match[1] as string), attempt: Number(match[2]) }] : [];
  });
  found.sort((a, b) => (a.stepId < b.stepId ? -1 : a.stepId > b.stepId ? 1 : a.attempt - b.attempt));
  return Promise.all(
    found
      .filter((log) => stepId === undefined || log.stepId === stepId)
      .map(async ({ name, ...log }) => ({ ...log, text: await readFile(join(directory, name), "utf8") })),
  );
}
