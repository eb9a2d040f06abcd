import { crc32c } from "@node-rs/crc32";

/** The native function costs most of a microsecond before it looks at the first byte: shorter input is faster here. */
const nativeFrom = 256;

/** What a byte does to the remainder, with none to seven bytes after it: a table of 256 for each, one after the other. */
const table = makeTable();

/**
 * CRC-32C of the bytes from `start` up to, but without, `end`, masked as TFRecord files hold it: rotated by 15 bits, with
 * a constant added, so that a checksum over data that holds checksums stays a good one.
 *
 * @see https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
 */
export function maskedChecksum(bytes: Uint8Array, start = 0, end = bytes.length): number {
  return maskedChecksumIn(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), start, end);
}

/** The same for whoever has a view: for small records to make one of each would take as long as their checksums. */
export function maskedChecksumIn(view: DataView, start: number, end: number): number {
  const checksum =
    end - start < nativeFrom
      ? byTable(view, start, end)
      : crc32c(new Uint8Array(view.buffer, view.byteOffset + start, end - start));
  return (((checksum >>> 15) | (checksum << 17)) + 0xa282ead8) >>> 0;
}

/** Eight bytes at a time, as two words: byte by byte it would take twice as long. */
function byTable(view: DataView, start: number, end: number): number {
  let remainder = -1;
  let at = start;
  for (; at + 8 <= end; at += 8) {
    remainder = after(remainder ^ view.getInt32(at, true), 1024) ^ after(view.getInt32(at + 4, true), 0);
  }
  if (at + 4 <= end) {
    remainder = after(remainder ^ view.getInt32(at, true), 0);
    at += 4;
  }
  for (; at < end; at += 1) remainder = look((remainder ^ view.getUint8(at)) & 0xff) ^ (remainder >>> 8);
  return (remainder ^ -1) >>> 0;
}

/** What four bytes do to the remainder; `later` is where the tables of those begin that have as many bytes after them. */
function after(word: number, later: number): number {
  return (
    look(later + 768 + (word & 0xff)) ^
    look(later + 512 + ((word >>> 8) & 0xff)) ^
    look(later + 256 + ((word >>> 16) & 0xff)) ^
    look(later + (word >>> 24))
  );
}

function look(place: number): number {
  return table[place] as number;
}

/** @see https://en.wikipedia.org/wiki/Computation_of_cyclic_redundancy_checks#Multi-bit_computation */
function makeTable(): Int32Array {
  const table = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit += 1) remainder = remainder & 1 ? (remainder >>> 1) ^ 0x82f63b78 : remainder >>> 1;
    table[byte] = remainder;
  }
  for (let place = 256; place < table.length; place += 1) {
    const before = table[place - 256] as number;
    table[place] = (table[before & 0xff] as number) ^ (before >>> 8);
  }
  return table;
}
