import type { Body } from "../contracts/artifact-store.js";
import { nextOf } from "./next-of.js";
import { PartBuffers } from "./part-buffers.js";

/** A stretch of a body, to be sent as one request. */
export interface BodyPart {
  /** From 1. */
  readonly number: number;
  readonly bytes: Uint8Array;
  readonly last: boolean;
}

export interface BodyPartOptions {
  /** The length of all parts but the last; by the part's number where a service limits how many there may be. */
  readonly partBytes: number | ((number: number) => number);
  readonly signal?: AbortSignal | undefined;
  /** Buffers to fill; give each back once its part has been sent, and memory stays flat. */
  readonly buffers?: PartBuffers;
}

const firstBytes = 1 << 16;

/**
 * Puts the pieces of a body together to parts: always at least one, which is empty if the body is. Pieces are copied,
 * as their producer may write over them; bytes that are there already are not. Rejects with the signal's reason as soon
 * as it fires, even if the body hangs.
 */
export async function* bodyParts(body: Body, options: BodyPartOptions): AsyncGenerator<BodyPart, void, undefined> {
  const { partBytes, signal, buffers = new PartBuffers() } = options;
  const lengthOf = typeof partBytes === "number" ? () => partBytes : partBytes;
  if (body instanceof Uint8Array) yield* slices(body, lengthOf, signal);
  else yield* gathered(body, lengthOf, signal, buffers);
}

function* slices(body: Uint8Array, lengthOf: (number: number) => number, signal: AbortSignal | undefined) {
  for (let number = 1, start = 0; ; number += 1) {
    signal?.throwIfAborted();
    const end = Math.min(start + lengthOf(number), body.length);
    yield { number, bytes: body.subarray(start, end), last: end === body.length };
    if (end === body.length) return;
    start = end;
  }
}

async function* gathered(
  body: AsyncIterable<Uint8Array>,
  lengthOf: (number: number) => number,
  signal: AbortSignal | undefined,
  buffers: PartBuffers,
): AsyncGenerator<BodyPart, void, undefined> {
  const iterator = body[Symbol.asyncIterator]();
  let finished = false;
  let number = 1;
  let length = lengthOf(number);
  // What is short shall not cost the memory of a whole part.
  let buffer = Buffer.allocUnsafeSlow(Math.min(firstBytes, length));
  let filled = 0;
  try {
    for (;;) {
      const next = await nextOf(iterator, signal);
      if (next.done) break;
      const piece = next.value;
      if (!(piece instanceof Uint8Array)) throw new TypeError(`a body's piece is a ${typeof piece}, not a Uint8Array`);
      for (let offset = 0; offset < piece.length; ) {
        if (filled === length) {
          yield { number, bytes: buffer.subarray(0, filled), last: false };
          number += 1;
          length = lengthOf(number);
          buffer = buffers.take(length);
          filled = 0;
        }
        const count = Math.min(piece.length - offset, length - filled);
        if (filled + count > buffer.length) buffer = grown(buffer, filled, filled + count, length, buffers);
        buffer.set(piece.subarray(offset, offset + count), filled);
        filled += count;
        offset += count;
      }
    }
    finished = true;
    yield { number, bytes: buffer.subarray(0, filled), last: true };
  } finally {
    // A body that hangs would hang here as well.
    if (!finished) void Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

function grown(
  buffer: Buffer,
  filled: number,
  wanted: number,
  most: number,
  buffers: PartBuffers,
): Buffer<ArrayBuffer> {
  const length = Math.min(most, Math.max(wanted, buffer.length * 4));
  const larger = length === most ? buffers.take(most) : Buffer.allocUnsafeSlow(length);
  larger.set(buffer.subarray(0, filled));
  return larger;
}
