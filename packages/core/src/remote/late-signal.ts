/**
 * A signal for the request that completes a write: it fires some time after the other. A request that is broken off may
 * have been obeyed; one that is let finish says which it was. Call `release` once the request is over.
 */
export function lateSignal(signal: AbortSignal | undefined, graceMs = 5000): { signal?: AbortSignal; release(): void } {
  if (!signal) return { release: () => undefined };
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const start = () => {
    timer = setTimeout(() => late.abort(signal.reason), graceMs);
  };
  if (signal.aborted) start();
  else signal.addEventListener("abort", start, { once: true });
  return {
    signal: late.signal,
    release() {
      signal.removeEventListener("abort", start);
      clearTimeout(timer);
    },
  };
}
