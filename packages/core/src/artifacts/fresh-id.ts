import { randomFillSync } from "node:crypto";
import { ulid } from "ulid";

const pool = new Uint8Array(1024);
let used = pool.length;

/** A ULID. Random bytes are drawn many at a time: one by one they take longer than storing a small artifact. */
export function freshId(): string {
  return ulid(undefined, random);
}

function random(): number {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const byte = pool[used] ?? 0;
  used += 1;
  return byte / 256;
}
