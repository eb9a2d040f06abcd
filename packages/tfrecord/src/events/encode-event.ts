import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { TenonError } from "@tenon/core";
import { fixed64, lengthDelimited, varint } from "../wire-types.js";
import { type Event, plugins, type SummaryValue } from "./event.js";
import { dtypes, writeTensor } from "./tensor.js";

/**
 * The bytes of an event's record, as TensorFlow 2 writes them.
 *
 * @throws `MESSAGE_INVALID` for what was read without being decoded: its bytes are not there any more; `PARAMETER_INVALID` for a
 * step that is no whole number
 */
export function encodeEvent(event: Event): Uint8Array {
  const writer = new BinaryWriter();
  if (event.wallTime !== 0) writer.tag(1, fixed64).double(event.wallTime);
  if (!Number.isSafeInteger(event.step)) throw noStep(event.step);
  if (event.step !== 0) writer.tag(2, varint).int64(event.step);
  if (event.kind === "other") throw undecoded("the event");
  if (event.kind === "fileVersion") {
    writer.tag(3, lengthDelimited).string(event.version);
    if (event.writer !== undefined)
      writer.tag(10, lengthDelimited).fork().tag(1, lengthDelimited).string(event.writer).join();
    return writer.finish();
  }
  writer.tag(5, lengthDelimited).fork();
  for (const value of event.values) {
    writer.tag(1, lengthDelimited).fork();
    writeValue(writer, value);
    writer.join();
  }
  return writer.join().finish();
}

function writeValue(writer: BinaryWriter, value: SummaryValue): void {
  if (value.kind === "other") throw undecoded(`the value '${value.tag}'`);
  writer.tag(1, lengthDelimited).string(value.tag);
  writer.tag(8, lengthDelimited).fork();
  writeContent(writer, value);
  writer.join();
  const plugin = plugins[value.kind];
  writer
    .tag(9, lengthDelimited)
    .fork()
    .tag(1, lengthDelimited)
    .fork()
    .tag(1, lengthDelimited)
    .string(plugin)
    .join()
    .join();
}

function writeContent(writer: BinaryWriter, value: Exclude<SummaryValue, { kind: "other" }>): void {
  switch (value.kind) {
    case "scalar": {
      const content = new DataView(new ArrayBuffer(4));
      content.setFloat32(0, value.value, true);
      writeTensor(writer, dtypes.float, [], () => writer.tag(4, lengthDelimited).bytes(new Uint8Array(content.buffer)));
      break;
    }
    case "histogram": {
      const { buckets } = value;
      const content = new DataView(new ArrayBuffer(buckets.length * 24));
      for (const [index, { left, right, count }] of buckets.entries()) {
        for (const [column, number] of [left, right, count].entries())
          content.setFloat64(index * 24 + column * 8, number, true);
      }
      writeTensor(writer, dtypes.double, [buckets.length, 3], () => {
        if (buckets.length > 0) writer.tag(4, lengthDelimited).bytes(new Uint8Array(content.buffer));
      });
      break;
    }
    case "text": {
      const shape = value.texts.length === 1 ? [] : [value.texts.length];
      writeTensor(writer, dtypes.string, shape, () => {
        for (const text of value.texts) writer.tag(8, lengthDelimited).string(text);
      });
    }
  }
}

function noStep(step: unknown): TenonError {
  return new TenonError("PARAMETER_INVALID", {
    doing: "encoding a TensorBoard event",
    found: `its step is ${String(step)}`,
    fix: "Count steps in whole numbers.",
  });
}

function undecoded(what: string): TenonError {
  return new TenonError("MESSAGE_INVALID", {
    doing: "encoding a TensorBoard event",
    found: `${what} is of a kind that is not decoded, and so cannot be written again`,
    fix: "Copy the event file, or leave out what is of the kind 'other'.",
  });
}
