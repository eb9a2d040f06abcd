import { decodeRecords } from "../decode-records.js";
import type { RecordSource } from "../record-source.js";
import { decodeEvent, type PluginsByTag } from "./decode-event.js";
import type { Event } from "./event.js";

export interface ReadEventsOptions {
  /** True for a file that is still written, or whose writer was killed: a last event that is not whole is left out. */
  readonly unfinished?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * The events of a TensorBoard event file, one after another.
 *
 * @throws `TFRECORD_CORRUPT` as `readRecords` does, `MESSAGE_INVALID` if a record is no event
 * @example
 * for await (const event of readEvents(path)) if (event.kind === "summary") console.log(event.step, event.values);
 */
export function readEvents(source: RecordSource, options: ReadEventsOptions = {}): AsyncGenerator<Event, void> {
  const plugins: PluginsByTag = new Map();
  const decode = (record: Uint8Array) => decodeEvent(record, plugins);
  return decodeRecords(source, "a TensorBoard event", decode, { ...options, compression: "none" });
}
