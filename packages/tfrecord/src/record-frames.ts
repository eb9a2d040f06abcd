import { TenonError } from "@tenon/core";
import { maskedChecksumIn } from "./checksum.js";

/** Before a record's data: its length (u64) and the length's checksum (u32). */
export const headBytes = 12;
/** After it: the data's checksum (u32). */
export const footBytes = 4;

/** Takes the bytes of an uncompressed TFRecord file in pieces of any size and gives the records that are whole. */
export class RecordFrames {
  readonly #name: string;
  readonly #maxRecordBytes: number;
  /** The beginning of a record whose end is not there yet. */
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  /** How many bytes have to come before there is more to be seen. */
  #missing = headBytes;
  #offset = 0;
  #number = 0;

  constructor(name: string, maxRecordBytes: number) {
    this.#name = name;
    this.#maxRecordBytes = maxRecordBytes;
  }

  /** Where the next record begins, in bytes of the uncompressed file. */
  get offset(): number {
    return this.#offset;
  }

  /** The number of the next record, counted from 0. */
  get number(): number {
    return this.#number;
  }

  push(piece: Uint8Array): Uint8Array[] {
    const records: Uint8Array[] = [];
    // A Buffer's slice() is a view, a Uint8Array's a copy: hand out what behaves as it is declared.
    let rest = new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength);
    while (this.#held.length > 0) {
      if (rest.length < this.#missing) {
        this.#hold(rest, this.#missing - rest.length);
        return records;
      }
      const joined = join([...this.#held, rest.subarray(0, this.#missing)], this.#heldBytes + this.#missing);
      rest = rest.subarray(this.#missing);
      this.#held = [];
      this.#heldBytes = 0;
      this.#take(joined, records);
    }
    this.#take(rest, records);
    return records;
  }

  /** @throws `TFRECORD_CORRUPT` if the file ends within a record */
  end(): void {
    if (this.#held.length === 0) return;
    const needed = this.#heldBytes + this.#missing;
    const whole = needed > headBytes ? `takes ${needed} bytes` : `has a head of ${headBytes} bytes`;
    throw this.#corrupt(`the file ends ${this.#heldBytes} bytes into it, but it ${whole}`, {
      expected: needed,
      found: this.#heldBytes,
    });
  }

  #take(bytes: Uint8Array, records: Uint8Array[]): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    let missing = 0;
    while (at < bytes.length) {
      missing = at + headBytes - bytes.length;
      if (missing > 0) break;
      const end = at + headBytes + this.#length(view, at) + footBytes;
      missing = end - bytes.length;
      if (missing > 0) break;
      this.#check(
        "data",
        view.getUint32(end - footBytes, true),
        maskedChecksumIn(view, at + headBytes, end - footBytes),
      );
      records.push(bytes.subarray(at + headBytes, end - footBytes));
      this.#offset += end - at;
      this.#number += 1;
      at = end;
    }
    if (at < bytes.length) this.#hold(bytes.subarray(at), missing);
  }

  #hold(bytes: Uint8Array, missing: number): void {
    if (bytes.length > 0) this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    this.#missing = missing;
  }

  #length(view: DataView, at: number): number {
    this.#check("length", view.getUint32(at + 8, true), maskedChecksumIn(view, at, at + 8));
    const length = view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
    if (length <= this.#maxRecordBytes) return length;
    throw this.#corrupt(
      `its length is ${length} bytes, and at most ${this.#maxRecordBytes} are taken`,
      { expected: this.#maxRecordBytes, found: length },
      "If records of that size are meant, say so with maxRecordBytes.",
    );
  }

  #check(what: "length" | "data", expected: number, found: number): void {
    if (expected === found) return;
    const fix =
      what === "length" && this.#number === 0
        ? "Is it a TFRecord file at all, and read with the compression with which it was written?"
        : "Write the file again, or fetch it again from where it came from.";
    const [stored, computed] = [expected, found].map((sum) => `0x${sum.toString(16).padStart(8, "0")}`);
    throw this.#corrupt(
      `the checksum stored of its ${what} is ${stored}, that of its ${what} is ${computed}`,
      { expected, found },
      fix,
    );
  }

  #corrupt(found: string, details: { readonly expected: number; readonly found: number }, fix?: string): TenonError {
    return new TenonError("TFRECORD_CORRUPT", {
      doing: `reading record ${this.#number} of ${this.#name}, at byte ${this.#offset}`,
      found,
      fix: fix ?? "It was cut off: write the file again, or fetch it again from where it came from.",
      details: { record: this.#number, offset: this.#offset, ...details },
    });
  }
}

function join(parts: readonly Uint8Array[], length: number): Uint8Array {
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
