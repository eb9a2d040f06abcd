import { crc32c } from "@node-rs/crc32";

/** The native function costs most of a microsecond before it looks at the first byte: shorter input is faster here. */
const nativeFrom = 160;

const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let remainder = index;
  for (let bit = 0; bit < 8; bit += 1) remainder = remainder & 1 ? (remainder >>> 1) ^ 0x82f63b78 : remainder >>> 1;
  return remainder;
});

/**
 * CRC-32C of the bytes from `start` up to, but without, `end`, masked as TFRecord files hold it: rotated by 15 bits, with
 * a constant added, so that a checksum over data that holds checksums stays a good one.
 *
 * @see https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
 */
export function maskedChecksum(bytes: Uint8Array, start = 0, end = bytes.length): number {
  const checksum = end - start < nativeFrom ? byTable(bytes, start, end) : crc32c(bytes.subarray(start, end));
  return (((checksum >>> 15) | (checksum << 17)) + 0xa282ead8) >>> 0;
}

function byTable(bytes: Uint8Array, start: number, end: number): number {
  let remainder = -1;
  for (let at = start; at < end; at += 1) {
    remainder = (table[(remainder ^ (bytes[at] as number)) & 0xff] as number) ^ (remainder >>> 8);
  }
  return (remainder ^ -1) >>> 0;
}
