import type { Body } from "./artifact-store.js";

const pieceBytes = 1 << 20;

/**
 * For implementers of small `ArtifactStore`s: the bytes of a body, copied, in one piece.
 *
 * @throws the signal's reason as soon as it fires, even if the body hangs
 */
export async function collectBody(body: Body, signal?: AbortSignal): Promise<Uint8Array> {
  signal?.throwIfAborted();
  if (body instanceof Uint8Array) return new Uint8Array(body);
  const pieces: Uint8Array[] = [];
  const reading = (async () => {
    for await (const piece of body) {
      if (signal?.aborted) return;
      pieces.push(new Uint8Array(piece));
    }
  })();
  await (signal ? Promise.race([reading, aborted(signal)]) : reading);
  signal?.throwIfAborted();
  return new Uint8Array(Buffer.concat(pieces));
}

/**
 * For implementers of small `ArtifactStore`s: a range of bytes as what `read` gives, copied, in pieces of 1 MiB.
 *
 * @throws the signal's reason once it has fired
 */
export async function* bodyPieces(
  bytes: Uint8Array,
  range: { readonly start: number; readonly end?: number } = { start: 0 },
  signal?: AbortSignal,
): AsyncIterable<Uint8Array> {
  const end = Math.min(range.end ?? bytes.length, bytes.length);
  for (let start = range.start; start < end; start += pieceBytes) {
    signal?.throwIfAborted();
    yield bytes.slice(start, Math.min(start + pieceBytes, end));
  }
}

/** Rejects when the signal fires: a body that hangs must not hold up its cancellation. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
