import type { DifferingByte } from "./differing-byte.js";

const shown = 80;

/** Follows UTF-8 text as it goes by, and knows the line and column at its end. */
export class TextPosition {
  /** From 1. */
  #line = 1;
  /** Characters (code points) of the line that have begun. */
  #characters = 0;
  /** The end of the line so far. */
  #before: Buffer = Buffer.alloc(0);
  hasZero = false;

  feed(bytes: Uint8Array): void {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.hasZero ||= chunk.includes(0);
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      this.#line++;
      start = end + 1;
    }
    if (start > 0) [this.#characters, this.#before] = [0, Buffer.alloc(0)];
    const rest = chunk.subarray(start);
    for (const byte of rest) if ((byte & 0xc0) !== 0x80) this.#characters++;
    this.#before = Buffer.concat([this.#before, rest.subarray(-shown)]).subarray(-shown);
  }

  /** The bytes of a character that has begun and not ended. */
  get unfinished(): Uint8Array {
    for (let back = 1; back <= Math.min(3, this.#before.length); back++) {
      const byte = this.#before[this.#before.length - back] ?? 0;
      if ((byte & 0xc0) === 0x80) continue;
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
      return length > back ? this.#before.subarray(-back) : new Uint8Array();
    }
    return new Uint8Array();
  }

  /** Line and column of a difference right after what was fed, and how its line reads on both sides. */
  difference({ left, right }: DifferingByte): { line: number; column: number; left?: string; right?: string } {
    const column = this.#characters + (this.unfinished.length > 0 ? 0 : 1);
    const [one, other] = [this.#lineWith(left), this.#lineWith(right)];
    return {
      line: this.#line,
      column,
      ...(one !== undefined && { left: one }),
      ...(other !== undefined && { right: other }),
    };
  }

  #lineWith(after: Uint8Array): string | undefined {
    if (after.length === 0 && this.#before.length === 0) return undefined;
    const end = after.indexOf(10);
    const rest = Buffer.from(end === -1 ? after : after.subarray(0, end));
    let start = 0;
    while (start < 4 && ((this.#before[start] ?? 0) & 0xc0) === 0x80) start++;
    const text = Buffer.concat([this.#before.subarray(start), rest])
      .toString("utf8")
      .replace(/\r$/, "");
    const from = Math.max(0, [...this.#before.subarray(start).toString("utf8")].length - shown / 2);
    const characters = [...text];
    const cutBefore = from > 0 || this.#characters > shown;
    const piece = characters.slice(from, from + shown).join("");
    return `${cutBefore ? "…" : ""}${piece}${characters.length > from + shown ? "…" : ""}`;
  }
}
