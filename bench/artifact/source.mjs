import { randomBytes } from "node:crypto";

export const mebibytes = 512;

/** Bytes that cost nothing to make: one random MiB, again and again. */
export async function* source() {
  const piece = randomBytes(1 << 20);
  for (let count = 0; count < mebibytes; count += 1) {
    piece.writeUInt32LE(count, 0);
    yield Buffer.from(piece);
  }
}
