import type { MetadataStore } from "../contracts/metadata-store.js";
import type { Keys } from "./keys.js";
import { nameOf } from "./names.js";
import { parse, record } from "./text.js";

/** A piece of what an attempt wrote. */
export interface LogChunk {
  readonly stepId: string;
  readonly attempt: number;
  /** An engine may start an attempt more than once; later processes sort later. */
  readonly process: string;
  /** 1 for the first of the process. */
  readonly number: number;
  readonly text: string;
}

/** At most so many chunks an attempt, and characters a chunk: 8 MiB in all. */
export const mostChunks = 128;
export const longestChunk = 64 * 1024;

/** What steps on other machines write, kept where all machines can read it. */
export class StepLogs {
  constructor(
    private readonly store: MetadataStore,
    private readonly keys: Keys,
  ) {}

  async add(runId: string, chunks: readonly LogChunk[]): Promise<void> {
    await this.store.put(
      chunks.map(({ stepId, attempt, process, number, text }) =>
        record(this.keys.logChunk(runId, stepId, attempt, process, number), { text }),
      ),
    );
  }

  /** Attempt by attempt in the order of steps, as far as it is there. */
  async *read(runId: string, stepId?: string): AsyncIterable<LogChunk> {
    const prefix = this.keys.logs(runId, stepId);
    const run = this.keys.logs(runId).length;
    let after: string | undefined;
    for (;;) {
      const page = await this.store.scan(prefix, { limit: 50, ...(after === undefined ? {} : { after }) });
      for (const { key, value } of page) {
        const [step = "", attempt, process = "", number] = key.slice(run).split("/");
        const { text } = parse<{ text: string }>(key, value);
        yield { stepId: nameOf(step), attempt: Number(attempt), process, number: Number(number), text };
      }
      if (page.length < 50) return;
      after = page.at(-1)?.key;
    }
  }

  /** The chunks of one attempt that come after one that is known: for whoever follows it. */
  async after(runId: string, stepId: string, attempt: number, known?: LogChunk): Promise<LogChunk[]> {
    const prefix = this.keys.attemptLog(runId, stepId, attempt);
    const after = known && { after: this.keys.logChunk(runId, stepId, attempt, known.process, known.number) };
    const page = await this.store.scan(prefix, { limit: mostChunks, ...after });
    return page.map(({ key, value }) => {
      const [process = "", number] = key.slice(prefix.length).split("/");
      return { stepId, attempt, process, number: Number(number), text: parse<{ text: string }>(key, value).text };
    });
  }
}
