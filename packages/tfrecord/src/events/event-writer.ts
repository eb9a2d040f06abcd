import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { frameOf } from "../encode-records.js";
import { encodeEvent } from "./encode-event.js";
import { type EventContent, fileVersion, type HistogramBucket, type SummaryValue } from "./event.js";
import { histogramOf } from "./histogram.js";

export interface EventWriterOptions {
  /** Seconds since 1970; by default the clock. */
  readonly clock?: () => number;
  /** The file's name; by default one as TensorFlow gives, with time, host and process. TensorBoard wants `tfevents` in it. */
  readonly fileName?: string;
}

/** Which step of the training a value belongs to, and when it was, in seconds since 1970; by default now. */
export interface At {
  readonly step: number;
  readonly wallTime?: number;
}

let begun = 0;

/**
 * Begins an event file in a directory, which is made if it is not there. TensorBoard shows what is written as it comes.
 *
 * @example
 * const log = await openEventWriter("logs/run-1");
 * log.scalar("loss", 0.25, { step: 1 });
 * await log.close();
 */
export async function openEventWriter(directory: string, options: EventWriterOptions = {}): Promise<EventWriter> {
  const { clock = () => Date.now() / 1000 } = options;
  const wallTime = clock();
  const seconds = String(Math.floor(wallTime)).padStart(10, "0");
  const { fileName = `events.out.tfevents.${seconds}.${hostname()}.${process.pid}.${begun++}.v2` } = options;
  await mkdir(directory, { recursive: true });
  const path = join(directory, fileName);
  const file = createWriteStream(path, { flags: "wx" });
  await once(file, "open");
  return new EventWriter(path, file, clock, wallTime);
}

/** Writes one event file. Values are taken at once and written in the background; `flush` and `close` report failures. */
export class EventWriter {
  readonly path: string;
  readonly #file: WriteStream;
  readonly #clock: () => number;
  #failure: Error | undefined;

  /** Use `openEventWriter`. */
  constructor(path: string, file: WriteStream, clock: () => number, wallTime: number) {
    this.path = path;
    this.#file = file;
    this.#clock = clock;
    file.on("error", (error) => {
      this.#failure ??= error;
    });
    this.#add({ kind: "fileVersion", version: fileVersion, writer: "tenon.tfrecord" }, { step: 0, wallTime });
  }

  /** A number, such as a loss or a metric: it becomes the nearest float32. */
  scalar(tag: string, value: number, at: At): void {
    this.#addValue({ tag, kind: "scalar", value }, at);
  }

  /** How numbers are spread, such as a layer's weights; or buckets that were made already. */
  histogram(tag: string, numbers: Iterable<number> | readonly HistogramBucket[], at: At): void {
    const buckets = areBuckets(numbers) ? numbers : histogramOf(numbers);
    this.#addValue({ tag, kind: "histogram", buckets }, at);
  }

  /** A text in Markdown; several are shown as a table. */
  text(tag: string, text: string | readonly string[], at: At): void {
    this.#addValue({ tag, kind: "text", texts: typeof text === "string" ? [text] : text }, at);
  }

  /** Resolves once all that was added is in the file. */
  async flush(): Promise<void> {
    if (this.#failure) throw this.#failure;
    await new Promise<void>((resolve, reject) => {
      this.#file.write(new Uint8Array(), (error) => (error ? reject(this.#failure ?? error) : resolve()));
    });
  }

  /** Ends the file. To close it again does nothing. */
  async close(): Promise<void> {
    if (this.#failure) throw this.#failure;
    if (this.#file.closed) return;
    this.#file.end();
    await finished(this.#file);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #addValue(value: SummaryValue, at: At): void {
    this.#add({ kind: "summary", values: [value] }, at);
  }

  #add(content: EventContent, { step, wallTime = this.#clock() }: At): void {
    if (this.#failure) throw this.#failure;
    this.#file.write(frameOf(encodeEvent({ wallTime, step, ...content })));
  }
}

function areBuckets(numbers: Iterable<number> | readonly HistogramBucket[]): numbers is readonly HistogramBucket[] {
  return Array.isArray(numbers) && typeof numbers[0] === "object";
}
