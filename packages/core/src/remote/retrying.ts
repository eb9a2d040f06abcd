import { backoff } from "./backoff.js";

export interface RetryingOptions {
  /** Whether it is worth asking again after this error. */
  isTransient(error: unknown): boolean;
  /** 5 by default: with the usual pauses some five seconds in all. */
  readonly retries?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Does something again, with growing pauses, as long as it fails in a way that passes; rejects with its last error, or
 * with the signal's reason. `work` is told how often it has been tried before: from the second time on, what it asks for
 * may have been done already, its answer having been lost.
 */
export async function retrying<T>(work: (triedBefore: number) => Promise<T>, options: RetryingOptions): Promise<T> {
  const { isTransient, retries = 5, signal } = options;
  for (let tried = 0; ; tried += 1) {
    signal?.throwIfAborted();
    try {
      return await work(tried);
    } catch (error) {
      signal?.throwIfAborted();
      if (tried >= retries || !isTransient(error)) throw error;
      await backoff(tried + 1, { signal });
    }
  }
}
