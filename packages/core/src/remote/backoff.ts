import { setTimeout } from "node:timers/promises";

export interface BackoffOptions {
  /** The longest first pause, in milliseconds; each further one may be twice as long. */
  readonly firstMs?: number;
  readonly longestMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Waits before the retry of that number (from 1): any time up to a bound that doubles, so that many clients that failed
 * together do not come back together. Rejects with the signal's reason.
 */
export async function backoff(retry: number, { firstMs = 200, longestMs = 20_000, signal }: BackoffOptions = {}) {
  const bound = Math.min(longestMs, firstMs * 2 ** (retry - 1));
  try {
    await setTimeout(bound / 2 + (Math.random() * bound) / 2, undefined, signal && { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
