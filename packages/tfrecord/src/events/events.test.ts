import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { goldenBytes, goldenContents, goldenPath } from "../golden/golden.js";
import {
  decodeEvent,
  type Event,
  encodeEvent,
  encodeRecords,
  histogramOf,
  openEventWriter,
  readEvents,
} from "../index.js";
import { collect, failure } from "../testing/outcomes.js";

const golden = "events/events.out.tfevents.golden";
let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "events-"));
});
afterAll(() => rm(scratch, { recursive: true }));

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const weights = () => goldenContents("weights.json") as number[];

describe("the event file that TensorFlow wrote", () => {
  it("holds a version, five losses, a histogram and a text", async () => {
    const [version, ...events] = await collect(readEvents(goldenPath(golden)));
    expect(version).toMatchObject({
      kind: "fileVersion",
      version: "brain.Event:2",
      writer: "tensorflow.core.util.events_writer",
    });
    const values = events.map((event) => (event.kind === "summary" ? { step: event.step, ...event.values[0] } : event));
    expect(values.slice(0, 5)).toEqual(
      [0, 1, 2, 3, 4].map((step) => ({ step, tag: "loss", kind: "scalar", value: Math.fround(1 / (step + 1)) })),
    );
    expect(values[5]).toEqual({ step: 0, tag: "weights", kind: "histogram", buckets: histogramOf(weights()) });
    expect(values[6]).toEqual({ step: 0, tag: "note", kind: "text", texts: ["hello **penguins**"] });
    for (const { wallTime } of events) expect(new Date(wallTime * 1000).getUTCFullYear()).toBeGreaterThan(2024);
  });

  it("is written again byte for byte", async () => {
    const events = await collect(readEvents(goldenPath(golden)));
    const written = await collect(encodeRecords(events.map(encodeEvent)));
    expect(hex(Buffer.concat(written))).toBe(hex(goldenBytes(golden)));
  });

  it("is what the writer writes, apart from who wrote it", async () => {
    const times = (await collect(readEvents(goldenPath(golden)))).map(({ wallTime }) => wallTime);
    const log = await openEventWriter(join(scratch, "same"), { clock: () => times.shift() as number });
    for (let step = 0; step < 5; step += 1) log.scalar("loss", 1 / (step + 1), { step });
    log.histogram("weights", weights(), { step: 0 });
    log.text("note", "hello **penguins**", { step: 0 });
    await log.close();
    const head = (bytes: Uint8Array) => 12 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) + 4;
    const [written, expected] = [new Uint8Array(await readFile(log.path)), goldenBytes(golden)];
    expect(hex(written.subarray(head(written)))).toBe(hex(expected.subarray(head(expected))));
  });
});

describe("an event writer", () => {
  it("names its file so that TensorBoard finds it, and never as another one's", async () => {
    const directory = join(scratch, "names");
    const logs = [await openEventWriter(directory), await openEventWriter(directory)];
    for (const log of logs) await log.close();
    for (const { path } of logs) {
      expect(basename(path)).toMatch(/^events\.out\.tfevents\.\d{10}\..+\.\d+\.\d+\.v2$/);
      expect(path).toContain(hostname());
    }
    expect(await readdir(directory)).toHaveLength(2);
  });

  it("has written everything once flush resolves", async () => {
    const log = await openEventWriter(join(scratch, "flushed"));
    log.scalar("a", Number.NaN, { step: 3, wallTime: 12.5 });
    await log.flush();
    const events = await collect(readEvents(log.path));
    expect(events[1]).toEqual({
      wallTime: 12.5,
      step: 3,
      kind: "summary",
      values: [{ tag: "a", kind: "scalar", value: Number.NaN }],
    });
    await log.close();
    await log.close();
  });

  it("takes buckets, several texts, and steps below zero", async () => {
    const log = await openEventWriter(join(scratch, "kinds"));
    const buckets = [{ left: 0, right: 1, count: 2 }];
    log.histogram("h", buckets, { step: -1 });
    log.histogram("none", [], { step: 0 });
    log.text("t", ["a", "ż"], { step: 0 });
    await log.close();
    const [, ...events] = await collect(readEvents(log.path));
    expect(events.map((event) => event.kind === "summary" && event.values[0])).toEqual([
      { tag: "h", kind: "histogram", buckets },
      { tag: "none", kind: "histogram", buckets: Array.from({ length: 30 }, () => ({ left: 0, right: 0, count: 0 })) },
      { tag: "t", kind: "text", texts: ["a", "ż"] },
    ]);
    expect(events[0]?.step).toBe(-1);
  });

  it("refuses a step that is no whole number", async () => {
    const log = await openEventWriter(join(scratch, "steps"));
    for (const step of [0.5, Number.NaN, undefined as unknown as number]) {
      expect(() => log.scalar("a", 1, { step })).toThrow(expect.objectContaining({ code: "PARAMETER_INVALID" }));
    }
    await log.close();
  });

  it("does not overwrite a file", async () => {
    const options = { fileName: "events.out.tfevents.mine" };
    await (await openEventWriter(join(scratch, "twice"), options)).close();
    await expect(openEventWriter(join(scratch, "twice"), options)).rejects.toThrow("EEXIST");
  });
});

describe("events of other writers", () => {
  const value = (write: (writer: BinaryWriter) => void): Uint8Array => {
    const writer = new BinaryWriter();
    writer
      .tag(1, WireType.Bit64)
      .double(7)
      .tag(5, WireType.LengthDelimited)
      .fork()
      .tag(1, WireType.LengthDelimited)
      .fork();
    writer.tag(1, WireType.LengthDelimited).string("t");
    write(writer);
    return writer.join().join().finish();
  };
  const firstValue = (event: Event) => (event.kind === "summary" ? event.values[0] : undefined);

  it("may have scalars and histograms as PyTorch writes them", () => {
    const scalar = value((writer) => writer.tag(2, WireType.Bit32).float(0.5));
    expect(firstValue(decodeEvent(scalar))).toEqual({ tag: "t", kind: "scalar", value: 0.5 });
    const histogram = value((writer) => {
      writer.tag(5, WireType.LengthDelimited).fork();
      for (const [field, number] of [-1, 4, 3, 5, 9].entries()) writer.tag(field + 1, WireType.Bit64).double(number);
      for (const [field, numbers] of [
        [6, [0, 2, 1e308]],
        [7, [1, 0, 2]],
      ] as const) {
        writer.tag(field, WireType.LengthDelimited).fork();
        for (const number of numbers) writer.double(number);
        writer.join();
      }
      writer.join();
    });
    expect(firstValue(decodeEvent(histogram))).toEqual({
      tag: "t",
      kind: "histogram",
      buckets: [
        { left: -1, right: 0, count: 1 },
        { left: 0, right: 2, count: 0 },
        { left: 2, right: 4, count: 2 },
      ],
    });
  });

  const tensor = (dtype: number, write: (writer: BinaryWriter) => void, plugin?: string) =>
    value((writer) => {
      writer.tag(8, WireType.LengthDelimited).fork().tag(1, WireType.Varint).int32(dtype);
      write(writer);
      writer.join();
      if (plugin === undefined) return;
      writer.tag(9, WireType.LengthDelimited).fork().tag(1, WireType.LengthDelimited).fork();
      writer.tag(1, WireType.LengthDelimited).string(plugin).join().join();
    });

  it("may have their numbers one by one, of any width, and say only once how a tag is shown", () => {
    const known = new Map();
    const first = tensor(1, (writer) => writer.tag(5, WireType.Bit32).float(2), "scalars");
    expect(firstValue(decodeEvent(first, known))).toEqual({ tag: "t", kind: "scalar", value: 2 });
    const later = [
      tensor(2, (writer) => writer.tag(6, WireType.LengthDelimited).fork().double(3).join()),
      tensor(3, (writer) => writer.tag(7, WireType.Varint).int32(3)),
      tensor(9, (writer) => writer.tag(10, WireType.LengthDelimited).fork().int64(3).join()),
    ];
    for (const event of later)
      expect(firstValue(decodeEvent(event, known))).toEqual({ tag: "t", kind: "scalar", value: 3 });
  });

  it("are kept apart from what is understood", () => {
    const image = tensor(7, (writer) => writer.tag(8, WireType.LengthDelimited).bytes(Uint8Array.of(1, 2)), "images");
    expect(firstValue(decodeEvent(image))).toEqual({ tag: "t", kind: "other", plugin: "images" });
    const half = tensor(19, (writer) => writer.tag(13, WireType.Varint).int32(1), "scalars");
    expect(firstValue(decodeEvent(half))).toEqual({ tag: "t", kind: "other", plugin: "scalars" });
    const graph = new BinaryWriter().tag(4, WireType.LengthDelimited).string("graph").finish();
    expect(decodeEvent(graph)).toEqual({ wallTime: 0, step: 0, kind: "other" });
    for (const event of [image, graph])
      expect(() => encodeEvent(decodeEvent(event))).toThrow(/cannot be written again/);
  });
});

describe("an event file that is damaged", () => {
  it("is refused where it ends within an event, unless it is known to be unfinished", async () => {
    const cut = goldenBytes(golden).slice(0, -3);
    expect((await failure(collect(readEvents(cut)))).code).toBe("TFRECORD_CORRUPT");
    expect(await collect(readEvents(cut, { unfinished: true }))).toHaveLength(7);
  });

  it("is refused, with the record's number, if a record is no event", async () => {
    const records = encodeRecords([
      encodeEvent({ wallTime: 1, step: 0, kind: "fileVersion", version: "brain.Event:2" }),
      Uint8Array.of(0x2a, 9),
    ]);
    const error = await failure(collect(readEvents(records)));
    expect(error.code).toBe("MESSAGE_INVALID");
    expect(error.details.record).toBe(1);
  });

  it("is refused wherever an event is cut off, or read as a shorter one", () => {
    const whole = encodeEvent({
      wallTime: 5,
      step: 9,
      kind: "summary",
      values: [{ tag: "t", kind: "histogram", buckets: histogramOf([1, 2, 3]) }],
    });
    for (let length = 12; length < whole.length; length += 1) {
      expect(() => decodeEvent(whole.slice(0, length))).toThrow(/as a TensorBoard event/);
    }
  });
});

describe("a histogram", () => {
  it("has its numbers in the last bucket if they are all equal, leaves out what is not finite, and counts all others", () => {
    expect(histogramOf([2, 2, Number.NaN], 2)).toEqual([
      { left: 2, right: 2, count: 0 },
      { left: 2, right: 2, count: 2 },
    ]);
    const counts = histogramOf([0, 0.5, 1, Number.POSITIVE_INFINITY], 2).map(({ count }) => count);
    expect(counts).toEqual([1, 2]);
  });
});
