import { BinaryReader, type WireType } from "@bufbuild/protobuf/wire";
import { TenonError } from "@tenon/core";
import { lengthDelimited } from "./wire-types.js";

/** Where in a message a part lies. */
export type Range = readonly [start: number, end: number];

/** Reads the field that the reader stands on, or returns false for one that it does not know. */
export type ReadField = (field: number, type: WireType) => boolean;

/** What the decoders of all messages need beyond the wire format's scalars. */
export class MessageReader extends BinaryReader {
  readonly data: Uint8Array;

  constructor(data: Uint8Array) {
    super(data);
    this.data = data;
  }

  /** Every field up to `end`; unknown ones, and known ones in an unknown form, are skipped as the format asks for. */
  fields(end: number, read: ReadField): void {
    while (this.pos < end) {
      const [field, type] = this.tag();
      if (!read(field, type)) this.skip(type, field);
    }
    if (this.pos !== end) throw new RangeError("a field is longer than the message that it is in");
  }

  /** The fields of a nested message, whose length comes next. */
  message(read: ReadField): void {
    this.fields(this.endOfPart(), read);
  }

  /** What is in field 1 of a message in several pieces; all other fields are skipped. */
  repeated(ranges: readonly Range[], read: () => void): void {
    for (const [start, end] of ranges) {
      this.pos = start;
      this.fields(end, (field, type) => {
        if (field !== 1 || type !== lengthDelimited) return false;
        read();
        return true;
      });
    }
  }

  /** The end of the part whose length comes next. */
  endOfPart(): number {
    const length = this.uint32();
    const end = this.pos + length;
    if (end > this.len) throw new RangeError("a part is longer than the message that it is in");
    return end;
  }

  /** Skips a nested message, and says where it was. */
  range(): Range {
    const end = this.endOfPart();
    const start = this.pos;
    this.pos = end;
    return [start, end];
  }

  /** Bytes that are no UTF-8 are refused. */
  text(): string {
    return this.string(true);
  }

  /** An entry of a map from names to messages; of a message in several pieces every piece. */
  entry(): { readonly name: string; readonly ranges: readonly Range[] } {
    let name = "";
    const ranges: Range[] = [];
    this.message((field, type) => {
      if (type !== lengthDelimited) return false;
      if (field === 1) name = this.text();
      else if (field === 2) ranges.push(this.range());
      else return false;
      return true;
    });
    return { name, ranges };
  }
}

/**
 * Decodes a protocol buffer message.
 *
 * @throws `MESSAGE_INVALID` if the bytes end too early or are no message
 */
export function decodeMessage<T>(bytes: Uint8Array, name: string, decode: (reader: MessageReader) => T): T {
  const reader = new MessageReader(bytes);
  try {
    return decode(reader);
  } catch (cause) {
    const offset = Math.min(reader.pos, bytes.length);
    throw new TenonError("MESSAGE_INVALID", {
      doing: `decoding ${bytes.length} bytes as ${name}`,
      found: `at byte ${offset} they are none: ${cause instanceof Error ? cause.message : String(cause)}`,
      fix: "Does the file hold messages of that type?",
      details: { offset },
      cause,
    });
  }
}
