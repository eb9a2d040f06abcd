/** The first byte in which two streams differ, or at which one of them ends. */
export interface DifferingByte {
  readonly offset: number;
  /** What follows on either side from the offset on; empty where the stream ends there. */
  readonly left: Uint8Array;
  readonly right: Uint8Array;
  /** True if more follows than was read. */
  readonly leftIsCut: boolean;
  readonly rightIsCut: boolean;
}

/** How many bytes after the difference are read for excerpts. */
const ahead = 4096;

/**
 * Reads two streams side by side as far as they are equal.
 *
 * @param onEqual sees all bytes before the difference, in order
 */
export async function findDifferingByte(
  left: AsyncIterable<Uint8Array>,
  right: AsyncIterable<Uint8Array>,
  onEqual: (bytes: Uint8Array) => void = () => {},
): Promise<DifferingByte | undefined> {
  const sides = [new Side(left), new Side(right)] as const;
  const [one, other] = sides;
  let offset = 0;
  try {
    for (;;) {
      await Promise.all([one.fill(1), other.fill(1)]);
      const length = Math.min(one.bytes.length, other.bytes.length);
      const equal = equalLength(one.bytes, other.bytes, length);
      if (equal > 0) onEqual(one.bytes.subarray(0, equal));
      offset += equal;
      for (const side of sides) side.bytes = side.bytes.subarray(equal);
      if (equal === length && length > 0) continue;
      if (one.bytes.length === 0 && other.bytes.length === 0) return undefined;
      await Promise.all([one.fill(ahead), other.fill(ahead)]);
      return {
        offset,
        left: one.bytes.subarray(0, ahead),
        right: other.bytes.subarray(0, ahead),
        leftIsCut: !one.ended || one.bytes.length > ahead,
        rightIsCut: !other.ended || other.bytes.length > ahead,
      };
    }
  } finally {
    await Promise.all(sides.map((side) => side.close()));
  }
}

function equalLength(one: Buffer, other: Buffer, length: number): number {
  if (one.subarray(0, length).equals(other.subarray(0, length))) return length;
  let [low, high] = [0, length];
  // Comparing is native, a loop over bytes is not.
  while (high - low > 64) {
    const middle = (low + high) >> 1;
    if (one.subarray(low, middle).equals(other.subarray(low, middle))) low = middle;
    else high = middle;
  }
  while (one[low] === other[low]) low++;
  return low;
}

class Side {
  bytes: Buffer = Buffer.alloc(0);
  ended = false;
  readonly #stream: AsyncIterator<Uint8Array>;

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.#stream = stream[Symbol.asyncIterator]();
  }

  /** Reads on until so many bytes are there, or the stream ends. */
  async fill(count: number): Promise<void> {
    while (this.bytes.length < count && !this.ended) {
      const { done, value } = await this.#stream.next();
      if (done) this.ended = true;
      else {
        const chunk = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
        this.bytes = this.bytes.length === 0 ? chunk : Buffer.concat([this.bytes, chunk]);
      }
    }
  }

  async close(): Promise<void> {
    if (!this.ended) await this.#stream.return?.();
  }
}
