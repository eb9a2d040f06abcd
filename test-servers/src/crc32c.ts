const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = (value >>> 1) ^ (value & 1 ? 0x82f63b78 : 0);
  return value;
});

/** In base64, as Cloud Storage writes it. */
export function crc32c(bytes: Uint8Array): string {
  let state = 0xffffffff;
  for (let at = 0; at < bytes.length; at += 1) {
    state = (state >>> 8) ^ (table[(state ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  }
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE((state ^ 0xffffffff) >>> 0);
  return sum.toString("base64");
}
