/** Whether this machine has the low byte, and the low word, of a number first. */
export const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** 32-bit numbers as this machine holds them in little-endian order, or back: on almost every machine the same bytes. */
export function floatBytes(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return littleEndian ? bytes : new Uint8Array(Buffer.from(bytes).swap32());
}
