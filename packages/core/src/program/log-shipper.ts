import { open } from "node:fs/promises";
import { hostname } from "node:os";
import { type LogChunk, longestChunk, mostChunks, type StepLogs } from "../ledger/step-logs.js";

/** The log of one attempt, which grows while it is shipped. */
export interface FollowedLog {
  readonly file: string;
  readonly stepId: string;
  readonly attempt: number;
}

/** How much of a log has been shipped. */
export interface Shipped {
  readonly bytes: number;
  readonly chunks: number;
}

/** Brings what steps write here to where all machines can read it: a piece at a time, beside the steps. */
export class LogShipper {
  constructor(
    private readonly logs: StepLogs,
    private readonly runId: string,
    /** Of the process whose logs they are. */
    private readonly process: string,
    /** By file; another thread goes on from it. */
    readonly shipped: Map<string, Shipped> = new Map(),
  ) {}

  /** @param last nothing more will be written: what does not end with a line's end is shipped, too */
  async ship(followed: readonly FollowedLog[], last = false): Promise<void> {
    for (const log of followed) while (await this.#shipNext(log, last));
  }

  /** True if there may be more. */
  async #shipNext({ file, stepId, attempt }: FollowedLog, last: boolean): Promise<boolean> {
    const { bytes, chunks } = this.shipped.get(file) ?? { bytes: 0, chunks: 0 };
    if (chunks >= mostChunks) return false;
    const piece = await readPiece(file, bytes, last);
    if (piece.length === 0) return false;
    const number = chunks + 1;
    const full = number === mostChunks;
    const note = full ? `\n… the rest is on ${hostname()}, in ${file}\n` : "";
    const chunk: LogChunk = { stepId, attempt, process: this.process, number, text: piece.toString("utf8") + note };
    await this.logs.add(this.runId, [chunk]);
    this.shipped.set(file, { bytes: bytes + piece.length, chunks: number });
    return piece.length >= longestChunk / 2;
  }
}

/** As many whole lines as fit into a chunk, or whole characters where a line does not. */
async function readPiece(file: string, from: number, last: boolean): Promise<Buffer> {
  const handle = await open(file).catch(() => undefined);
  if (handle === undefined) return Buffer.alloc(0);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(longestChunk), 0, longestChunk, from);
    const read = buffer.subarray(0, bytesRead);
    const full = bytesRead === longestChunk;
    if (last && !full) return read;
    const line = read.lastIndexOf(0x0a) + 1;
    return read.subarray(0, line > 0 || !full ? line : wholeCharacters(read));
  } finally {
    await handle.close();
  }
}

/** Where the last character begins that may go on beyond the end. */
function wholeCharacters(text: Buffer): number {
  let end = text.length - 1;
  while (end > 0 && ((text[end] as number) & 0xc0) === 0x80) end -= 1;
  return end;
}
