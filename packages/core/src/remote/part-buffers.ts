const kept = 8;

/** Buffers that are used again, so that a long body needs the memory of a few parts only. */
export class PartBuffers {
  readonly #own = new WeakSet<ArrayBufferLike>();
  readonly #free: Buffer<ArrayBuffer>[] = [];

  take(length: number): Buffer<ArrayBuffer> {
    const index = this.#free.findIndex((buffer) => buffer.length === length);
    const [found = Buffer.allocUnsafeSlow(length)] = index < 0 ? [] : this.#free.splice(index, 1);
    this.#own.add(found.buffer);
    return found;
  }

  /** Only what nobody reads any more. Bytes that came from elsewhere are left alone. */
  give({ buffer }: Uint8Array): void {
    if (!this.#own.delete(buffer) || this.#free.length >= kept) return;
    this.#free.push(Buffer.from(buffer as ArrayBuffer));
  }
}
