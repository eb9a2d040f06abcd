/**
 * Does what completes a write, with a signal that fires some time after the one that is given. A request that is broken
 * off may have been obeyed; one that is let finish says which it was. What is cancelled already is not begun.
 */
export async function committing<T>(
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
  graceMs = 10_000,
): Promise<T> {
  signal?.throwIfAborted();
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const start = () => {
    timer = setTimeout(() => late.abort(signal?.reason), graceMs);
  };
  signal?.addEventListener("abort", start, { once: true });
  try {
    return await work(late.signal);
  } finally {
    signal?.removeEventListener("abort", start);
    clearTimeout(timer);
  }
}
