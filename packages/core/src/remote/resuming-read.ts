import { backoff } from "./backoff.js";
import { nextOf } from "./next-of.js";

/** The answer to a request for an object's bytes. */
export interface OpenedBody {
  readonly body: AsyncIterable<Uint8Array>;
  /** Bytes that this answer announced. */
  readonly length: number;
  /** What tells this object from another one written to its key since: an ETag or generation. */
  readonly version?: string | undefined;
  /** Ends the request when the rest of the body is not wanted, or has not come. */
  close?(): void;
}

export interface ResumingReadOptions {
  /**
   * Asks for the bytes from `skip` on, counted from the read's own start; `version` is that of the first answer, and
   * what has another one must be refused.
   */
  open(skip: number, version: string | undefined): Promise<OpenedBody>;
  /** Whether it is worth asking again after this error in the middle of a body. */
  isTransient(error: unknown): boolean;
  /** Times in a row that a body may break off without a byte in between; 5 by default. */
  readonly retries?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Thrown, and transient, when a body ended before all announced bytes had come. */
export class BodyCutShort extends Error {
  override readonly name = "BodyCutShort";
}

/** Reads an object of a remote store; a body that breaks off is gone on with where it did. */
export async function* resumingRead(options: ResumingReadOptions): AsyncGenerator<Uint8Array, void, undefined> {
  const { open, isTransient, retries = 5, signal } = options;
  let position = 0;
  let total: number | undefined;
  let version: string | undefined;
  let failures = 0;
  for (;;) {
    const opened = await open(position, version);
    total ??= opened.length;
    version ??= opened.version;
    const iterator = opened.body[Symbol.asyncIterator]();
    let ended = false;
    try {
      for (;;) {
        const next = await nextOf(iterator, signal);
        ended = next.done === true;
        if (next.done) break;
        if (position + next.value.length > total) throw new Error("the body is longer than it was said to be");
        position += next.value.length;
        failures = 0;
        yield next.value;
        signal?.throwIfAborted();
      }
      if (position < total) throw new BodyCutShort(`the body ended ${total - position} bytes early`);
      return;
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof BodyCutShort) && !isTransient(error)) throw error;
      if (position === total) return;
      failures += 1;
      if (failures > retries) throw error;
      await backoff(failures, { signal });
    } finally {
      if (!ended) opened.close?.();
      if (!ended) void Promise.resolve(iterator.return?.()).catch(() => undefined);
    }
  }
}
