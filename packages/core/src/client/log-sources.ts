import { open } from "node:fs/promises";
import type { Ledger } from "../ledger/ledger.js";
import type { LogChunk } from "../ledger/step-logs.js";
import { readStepLogs, type StepLogText, stepLogFile } from "../runtime/step-log.js";

/** Logs as whole texts: this machine's where it has them, else what the stack has. By step, then by attempt. */
export async function wholeLogs(
  { logs }: Ledger,
  stateDirectory: string,
  runId: string,
  isAsked: (stepId: string) => boolean,
): Promise<StepLogText[]> {
  const here = (await readStepLogs(stateDirectory, runId)).filter(({ stepId }) => isAsked(stepId));
  const found = new Map<string, StepLogText>(here.map((log) => [keyOf(log), log]));
  const local = new Set(found.keys());
  for await (const { stepId, attempt, text } of logs.read(runId)) {
    const key = keyOf({ stepId, attempt });
    if (local.has(key) || !isAsked(stepId)) continue;
    found.set(key, { stepId, attempt, text: (found.get(key)?.text ?? "") + text });
  }
  return [...found.values()].sort((a, b) =>
    a.stepId < b.stepId ? -1 : a.stepId > b.stepId ? 1 : a.attempt - b.attempt,
  );
}

/** The log of one attempt, read as it grows. */
export class GrowingLog {
  #chunk: LogChunk | undefined;
  #bytes = 0;
  #rest = "";

  constructor(
    private readonly ledger: Ledger,
    private readonly stateDirectory: string,
    private readonly runId: string,
    readonly stepId: string,
    readonly attempt: number,
  ) {}

  /** The lines that have been completed since the last call. @param last what has no line's end is one, too */
  async lines(last: boolean): Promise<string[]> {
    this.#rest += (await this.#here()) ?? (await this.#elsewhere());
    const lines = this.#rest.split("\n");
    this.#rest = lines.pop() ?? "";
    if (last && this.#rest !== "") lines.push(this.#rest);
    if (last) this.#rest = "";
    return lines;
  }

  /** `undefined` if this machine has no such log. */
  async #here(): Promise<string | undefined> {
    const file = stepLogFile(this.stateDirectory, this.runId, this.stepId, this.attempt);
    const handle = await open(file).catch(() => undefined);
    if (handle === undefined) return undefined;
    try {
      const { size } = await handle.stat();
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - this.#bytes), 0, undefined, this.#bytes);
      // Up to the last line's end, so that no character is cut.
      const end = buffer.subarray(0, bytesRead).lastIndexOf(0x0a) + 1 || bytesRead;
      this.#bytes += end;
      return buffer.toString("utf8", 0, end);
    } finally {
      await handle.close();
    }
  }

  async #elsewhere(): Promise<string> {
    const chunks = await this.ledger.logs.after(this.runId, this.stepId, this.attempt, this.#chunk);
    this.#chunk = chunks.at(-1) ?? this.#chunk;
    return chunks.map(({ text }) => text).join("");
  }
}

function keyOf({ stepId, attempt }: Pick<LogChunk, "stepId" | "attempt">): string {
  return `${stepId} ${attempt}`;
}
