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
  const { aborted, release } = abortion(signal);
  let buffer: Uint8Array | undefined;
  let filled = 0;
  let finished = false;
  try {
    for (;;) {
      const next = await (aborted ? Promise.race([iterator.next(), aborted]) : iterator.next());
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
    release();
    // A body that hangs would hang here as well.
    if (!finished) void Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

function abortion(signal: AbortSignal | undefined): { aborted: Promise<never> | undefined; release: () => void } {
  if (!signal) return { aborted: undefined, release: () => undefined };
  let listener = () => {};
  const aborted = new Promise<never>((_, reject) => {
    listener = () => reject(signal.reason);
    signal.addEventListener("abort", listener, { once: true });
    if (signal.aborted) listener();
  });
  aborted.catch(() => undefined);
  return { aborted, release: () => signal.removeEventListener("abort", listener) };
}
