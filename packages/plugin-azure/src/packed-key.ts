/** 4,096 letters in a row, all of one sort: no case, no form, nothing that a path or a URL could mean. */
const first = 0x4e00;
const bits = 12;

/**
 * A key as letters that every service leaves alone, in the order of its bytes: twelve bits a letter. Keys have no zero
 * bytes, so that those which fill up the last letter fall off again.
 */
export function pack(key: string): string {
  return letters(Buffer.from(key), true);
}

export function unpack(packed: string): string {
  const bytes: number[] = [];
  let value = 0;
  let filled = 0;
  for (const letter of packed) {
    value = (value << bits) | ((letter.codePointAt(0) ?? 0) - first);
    filled += bits;
    while (filled >= 8) {
      filled -= 8;
      bytes.push((value >>> filled) & 0xff);
    }
    value &= 0xff;
  }
  while (bytes.at(-1) === 0) bytes.pop();
  return Buffer.from(bytes).toString();
}

/** What the packed forms of all keys with this prefix begin with; those of some others may as well. */
export function packPrefix(prefix: string): string {
  return letters(Buffer.from(prefix), false);
}

function letters(bytes: Uint8Array, whole: boolean): string {
  let found = "";
  let value = 0;
  let filled = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    filled += 8;
    if (filled < bits) continue;
    filled -= bits;
    found += String.fromCharCode(first + (value >>> filled));
    value &= (1 << filled) - 1;
  }
  if (whole && filled > 0) found += String.fromCharCode(first + (value << (bits - filled)));
  return found;
}
