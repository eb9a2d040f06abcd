import { WireType } from "@bufbuild/protobuf/wire";

/** How a field's value is written, by the names of https://protobuf.dev/programming-guides/encoding/. */
export const { Varint: varint, Bit32: fixed32, Bit64: fixed64, LengthDelimited: lengthDelimited } = WireType;
