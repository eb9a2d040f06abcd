/** Small pieces are put together to writes of so many bytes. */
const writeBytes = 1 << 20;

/**
 * Hands the bytes of a body to `write`, in order. When the signal fires it rejects at once, even if the body hangs.
 */
export async function drain(
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
  write: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  const iterator = body[Symbol.asyncIterator]();
  let buffer: Uint8Array | undefined;
  let filled = 0;
  let finished = false;
  try {
    for (;;) {
      const next = await (signal ? nextOf(iterator, signal) : iterator.next());
      signal?.throwIfAborted();
      if (next.done) break;
      const piece = next.value;
      if (!(piece instanceof Uint8Array)) throw new TypeError(`a body's piece is a ${typeof piece}, not a Uint8Array`);
      if (filled + piece.length > writeBytes && buffer && filled > 0) {
        await write(buffer.subarray(0, filled));
        filled = 0;
      }
      if (piece.length >= writeBytes) {
        await write(piece);
      } else {
        buffer ??= Buffer.allocUnsafeSlow(writeBytes);
        buffer.set(piece, filled);
        filled += piece.length;
      }
    }
    finished = true;
    if (buffer && filled > 0) await write(buffer.subarray(0, filled));
  } finally {
    // A body that hangs would hang here as well.
    if (!finished) void Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

/** `Promise.race` with one promise for the signal would keep every piece for as long as that promise lives. */
function nextOf<T>(iterator: AsyncIterator<T>, signal: AbortSignal): Promise<IteratorResult<T>> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    iterator
      .next()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", abort));
  });
}
