import { decodeMessage, type MessageReader } from "../message-reader.js";
import { fixed32, fixed64, lengthDelimited, varint } from "../wire-types.js";
import type { Event, EventContent, SummaryValue } from "./event.js";
import { plugins } from "./event.js";
import { readOldHistogram } from "./old-histogram.js";
import { dtypes, numbersOf, readTensor, type Tensor } from "./tensor.js";

/** Which plugin shows a tag: it may be said only where the tag is used first. */
export type PluginsByTag = Map<string, string>;

/**
 * An event from the bytes of its record.
 *
 * @param known what earlier events of the same file said about their tags; this one adds to it
 * @throws `MESSAGE_INVALID` if the bytes are no event
 */
export function decodeEvent(bytes: Uint8Array, known: PluginsByTag = new Map()): Event {
  return decodeMessage(bytes, "a TensorBoard event", (reader) => {
    let wallTime = 0;
    let step = 0;
    let writer: string | undefined;
    const found: { content: EventContent } = { content: { kind: "other" } };
    reader.fields(bytes.length, (field, type) => {
      if (field === 1 && type === fixed64) wallTime = reader.double();
      else if (field === 2 && type === varint) step = readStep(reader);
      else if (field === 3 && type === lengthDelimited) found.content = { kind: "fileVersion", version: reader.text() };
      else if (field === 5 && type === lengthDelimited)
        found.content = { kind: "summary", values: readSummary(reader, known) };
      else if (field === 10 && type === lengthDelimited) writer = readFirstText(reader);
      else return false;
      return true;
    });
    const { content } = found;
    if (content.kind === "fileVersion" && writer !== undefined) return { wallTime, step, ...content, writer };
    return { wallTime, step, ...content };
  });
}

function readStep(reader: MessageReader): number {
  const step = BigInt(reader.int64());
  if (step > Number.MAX_SAFE_INTEGER || step < Number.MIN_SAFE_INTEGER) throw new RangeError(`its step is ${step}`);
  return Number(step);
}

function readSummary(reader: MessageReader, known: PluginsByTag): SummaryValue[] {
  const values: SummaryValue[] = [];
  reader.message((field, type) => {
    if (field !== 1 || type !== lengthDelimited) return false;
    values.push(readValue(reader, known));
    return true;
  });
  return values;
}

function readValue(reader: MessageReader, known: PluginsByTag): SummaryValue {
  let tag = "";
  let plugin = "";
  let tensor: Tensor | undefined;
  let decoded: SummaryValue | undefined;
  reader.message((field, type) => {
    if (field === 1 && type === lengthDelimited) tag = reader.text();
    else if (field === 2 && type === fixed32) decoded = { tag, kind: "scalar", value: reader.float() };
    else if (field === 5 && type === lengthDelimited)
      decoded = { tag, kind: "histogram", buckets: readOldHistogram(reader) };
    else if (field === 8 && type === lengthDelimited) tensor = readTensor(reader);
    else if (field === 9 && type === lengthDelimited) plugin = readPlugin(reader);
    else return false;
    return true;
  });
  if (decoded) return { ...decoded, tag };
  if (plugin === "") plugin = known.get(tag) ?? "";
  else known.set(tag, plugin);
  return (tensor && valueOfTensor(tag, plugin, tensor)) ?? { tag, kind: "other", plugin };
}

function valueOfTensor(tag: string, plugin: string, tensor: Tensor): SummaryValue | undefined {
  if (tensor.dtype === dtypes.string) {
    if (plugin !== plugins.text) return undefined;
    const decoder = new TextDecoder();
    return { tag, kind: "text", texts: tensor.texts.map((text) => decoder.decode(text)) };
  }
  const numbers = numbersOf(tensor);
  if (numbers === undefined) return undefined;
  const [value] = numbers;
  if (plugin === plugins.scalar && numbers.length === 1 && value !== undefined) return { tag, kind: "scalar", value };
  if (plugin !== plugins.histogram || tensor.shape.length !== 2 || tensor.shape[1] !== 3 || numbers.length % 3)
    return undefined;
  const buckets = Array.from({ length: numbers.length / 3 }, (_, index) => {
    const [left = 0, right = 0, count = 0] = numbers.slice(index * 3);
    return { left, right, count };
  });
  return { tag, kind: "histogram", buckets };
}

/** `SummaryMetadata`: the name in its `plugin_data`. */
function readPlugin(reader: MessageReader): string {
  let plugin = "";
  reader.message((field, type) => {
    if (field !== 1 || type !== lengthDelimited) return false;
    plugin = readFirstText(reader);
    return true;
  });
  return plugin;
}

/** The first field of a message, a text. */
function readFirstText(reader: MessageReader): string {
  let text = "";
  reader.message((field, type) => {
    if (field !== 1 || type !== lengthDelimited) return false;
    text = reader.text();
    return true;
  });
  return text;
}
