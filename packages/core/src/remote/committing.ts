/**
 * Does what completes a write, with a signal that fires some time after the one that is given. A request that is broken
 * off may have been obeyed; one that is let finish says which it was.
 */
export async function committing<T>(
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
  graceMs = 5000,
): Promise<T> {
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const start = () => {
    timer = setTimeout(() => late.abort(signal?.reason), graceMs);
  };
  if (signal?.aborted) start();
  else signal?.addEventListener("abort", start, { once: true });
  try {
    return await work(late.signal);
  } finally {
    signal?.removeEventListener("abort", start);
    clearTimeout(timer);
  }
}
