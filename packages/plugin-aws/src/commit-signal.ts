/**
 * The signal for a request that commits. Once sent it may take effect even if nobody waits for the answer, so a
 * cancellation waits for it: but not longer than `graceMs`.
 */
export async function committing<T>(
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal | undefined) => Promise<T>,
  graceMs = 10_000,
): Promise<T> {
  if (!signal) return work(undefined);
  signal.throwIfAborted();
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const later = () => {
    timer = setTimeout(() => controller.abort(signal.reason), graceMs);
  };
  signal.addEventListener("abort", later, { once: true });
  try {
    return await work(controller.signal);
  } finally {
    signal.removeEventListener("abort", later);
    clearTimeout(timer);
  }
}
