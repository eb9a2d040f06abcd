import { crc32c } from "@node-rs/crc32";

/** The native function costs most of a microsecond before it looks at the first byte: shorter input is faster here. */
const nativeFrom = 256;

/** What a byte does to the remainder, with none to seven bytes after it: eight bytes are looked up at a time. */
const [t0, t1, t2, t3, t4, t5, t6, t7] = makeTables();

/**
 * CRC-32C of the bytes from `start` up to, but without, `end`, masked as TFRecord files hold it: rotated by 15 bits, with
 * a constant added, so that a checksum over data that holds checksums stays a good one.
 *
 * @see https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
 */
export function maskedChecksum(bytes: Uint8Array, start = 0, end = bytes.length): number {
  const checksum = end - start < nativeFrom ? byTables(bytes, start, end) : crc32c(bytes.subarray(start, end));
  return (((checksum >>> 15) | (checksum << 17)) + 0xa282ead8) >>> 0;
}

function byTables(bytes: Uint8Array, start: number, end: number): number {
  const byte = (at: number) => bytes[at] as number;
  let remainder = -1;
  let at = start;
  for (; at + 8 <= end; at += 8) {
    remainder =
      look(t7, (remainder ^ byte(at)) & 0xff) ^
      look(t6, ((remainder >>> 8) ^ byte(at + 1)) & 0xff) ^
      look(t5, ((remainder >>> 16) ^ byte(at + 2)) & 0xff) ^
      look(t4, (remainder >>> 24) ^ byte(at + 3)) ^
      look(t3, byte(at + 4)) ^
      look(t2, byte(at + 5)) ^
      look(t1, byte(at + 6)) ^
      look(t0, byte(at + 7));
  }
  for (; at < end; at += 1) remainder = look(t0, (remainder ^ byte(at)) & 0xff) ^ (remainder >>> 8);
  return (remainder ^ -1) >>> 0;
}

function look(table: Int32Array, byte: number): number {
  return table[byte] as number;
}

type Tables = readonly [Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array];

/** @see https://en.wikipedia.org/wiki/Computation_of_cyclic_redundancy_checks#Multi-bit_computation */
function makeTables(): Tables {
  const first = Int32Array.from({ length: 256 }, (_, index) => {
    let remainder = index;
    for (let bit = 0; bit < 8; bit += 1) remainder = remainder & 1 ? (remainder >>> 1) ^ 0x82f63b78 : remainder >>> 1;
    return remainder;
  });
  const tables = [first];
  for (let table = first; tables.length < 8; tables.push(table)) {
    table = table.map((before) => look(first, before & 0xff) ^ (before >>> 8));
  }
  return tables as unknown as Tables;
}
