import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { goldenBytes, goldenContents, goldenPath } from "./golden/golden.js";
import { encodeRecords, type ReadRecordsOptions, readRecordBatches, readRecords, writeRecords } from "./index.js";
import { collect, failure } from "./testing/outcomes.js";

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "tfrecord-"));
});
afterAll(() => rm(scratch, { recursive: true }));

const bytesOf = async (pieces: AsyncIterable<Uint8Array>) => new Uint8Array(Buffer.concat(await collect(pieces)));
const text = (value: string) => new TextEncoder().encode(value);
/** What long bytes are compared by: to compare them one by one takes seconds. */
const digests = (all: readonly Uint8Array[]) => all.map((bytes) => createHash("sha256").update(bytes).digest("hex"));
const read = (bytes: Uint8Array, options?: ReadRecordsOptions) => collect(readRecords(bytes, options));

describe("files that TensorFlow wrote", () => {
  const plain = () => collect(readRecords(goldenPath("examples.plain.tfrecord")));

  it("are read with each compression, which is seen from their first bytes", async () => {
    for (const compression of ["gzip", "zlib"] as const) {
      const path = goldenPath(`examples.${compression}.tfrecord`);
      expect(await collect(readRecords(path))).toEqual(await plain());
      expect(await collect(readRecords(path, { compression }))).toEqual(await plain());
    }
    expect(await plain()).toHaveLength(6);
  });

  it("hold the records that the listing beside them names", async () => {
    const records = await collect(readRecords(goldenPath("raw.tfrecord")));
    const found = records.map((record) => ({
      bytes: record.length,
      sha256: createHash("sha256").update(record).digest("hex"),
    }));
    expect(found).toEqual(goldenContents("raw.json"));
  });

  it("are written again byte for byte", async () => {
    for (const name of ["examples.plain", "raw", "sequence", "unpacked", "empty"]) {
      const path = goldenPath(`${name}.tfrecord`);
      const written = await bytesOf(encodeRecords(readRecords(path)));
      expect(Buffer.compare(written, goldenBytes(`${name}.tfrecord`))).toBe(0);
    }
  });
});

describe("records", () => {
  const records = [text(""), text("one"), new Uint8Array(3_000_000).fill(7), text("last")];

  it("come back whatever their length, the compression, and the pieces in which the bytes arrive", async () => {
    for (const compression of ["none", "gzip", "zlib"] as const) {
      const bytes = await bytesOf(encodeRecords(records, { compression }));
      expect(digests(await read(bytes))).toEqual(digests(records));
      const size = compression === "none" ? 70_001 : 7;
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
        bytes.slice(index * size, (index + 1) * size),
      );
      expect(digests(await collect(readRecords(Readable.from(pieces))))).toEqual(digests(records));
    }
  });

  it("come back from pieces of one byte", async () => {
    const some = records.filter(({ length }) => length < 100);
    const bytes = await bytesOf(encodeRecords(some));
    expect(await collect(readRecords(Readable.from([...bytes].map((byte) => Uint8Array.of(byte)))))).toEqual(some);
  });

  it("come in batches that hold all of them in order", async () => {
    const many = Array.from({ length: 50_000 }, (_, index) => text(`record ${index}`));
    const batches = await collect(readRecordBatches(await bytesOf(encodeRecords(many))));
    expect(digests(batches.flat())).toEqual(digests(many));
  });

  it("are plain Uint8Arrays, of which slice() makes copies", async () => {
    const [record] = await collect(readRecords(goldenPath("examples.plain.tfrecord")));
    expect(record?.constructor).toBe(Uint8Array);
  });

  it("may come one by one, late", async () => {
    const late = (async function* () {
      yield* records;
    })();
    expect(digests(await read(await bytesOf(encodeRecords(late))))).toEqual(digests(records));
  });
});

describe("a written file", () => {
  it("says how many records it holds", async () => {
    const path = join(scratch, "counted.tfrecord");
    expect(await writeRecords(path, [text("a"), text("b")], { compression: "gzip" })).toEqual({ records: 2 });
    expect(await collect(readRecords(path))).toEqual([text("a"), text("b")]);
  });

  it("does not appear, nor replace an older one, if the records fail half way, compressed or not", async () => {
    for (const compression of ["none", "gzip"] as const) {
      const path = join(scratch, `kept.${compression}.tfrecord`);
      await writeRecords(path, [text("old")]);
      const failing = (async function* () {
        yield new Uint8Array(5_000_000);
        throw new Error("no more");
      })();
      await expect(writeRecords(path, failing, { compression })).rejects.toThrow("no more");
      expect(await collect(readRecords(path))).toEqual([text("old")]);
      expect((await readdir(scratch)).filter((name) => name.endsWith(".partial"))).toEqual([]);
    }
  });

  it("is not there after a cancellation", async () => {
    const path = join(scratch, "cancelled.tfrecord");
    const cancelling = new AbortController();
    const endless = (async function* () {
      for (let index = 0; ; index += 1) {
        if (index === 10) cancelling.abort(new Error("enough"));
        yield new Uint8Array(1_000_000);
      }
    })();
    await expect(writeRecords(path, endless, { signal: cancelling.signal })).rejects.toThrow();
    await expect(readFile(path)).rejects.toThrow("ENOENT");
  });
});

describe("damage", () => {
  it("is found wherever a file is cut off", async () => {
    const bytes = goldenBytes("examples.plain.tfrecord");
    const whole = await read(bytes);
    const ends = new Set([0]);
    let at = 0;
    for (const record of whole) {
      at += record.length + 16;
      ends.add(at);
    }
    for (let length = 0; length < bytes.length; length += 1) {
      const cut = read(bytes.slice(0, length), { compression: "none" });
      if (ends.has(length)) expect((await cut).length).toBe([...ends].indexOf(length));
      else expect((await failure(cut)).code).toBe("TFRECORD_CORRUPT");
    }
  });

  it("is found wherever a compressed file is cut off", async () => {
    for (const compression of ["gzip", "zlib"] as const) {
      const bytes = goldenBytes(`examples.${compression}.tfrecord`);
      for (let length = 1; length < bytes.length; length += 1) {
        const { code } = await failure(read(bytes.slice(0, length), { compression }));
        expect(code).toBe("TFRECORD_CORRUPT");
      }
    }
  });

  it("is found whichever byte is altered", async () => {
    const bytes = goldenBytes("unpacked.tfrecord");
    for (let index = 0; index < bytes.length; index += 1) {
      const altered = bytes.slice();
      altered[index] = (altered[index] ?? 0) ^ 0x40;
      expect((await failure(read(altered, { compression: "none" }))).code).toBe("TFRECORD_CORRUPT");
    }
  });

  it("is described by record, offset, and what was expected and found", async () => {
    const bytes = await bytesOf(encodeRecords([text("first"), text("second")]));
    bytes[21 + 12] = 0;
    const altered = await failure(read(bytes));
    expect(altered.doing).toBe("reading record 1 of TFRecord data, at byte 21");
    expect(altered.found).toMatch(
      /^the checksum stored of its data is 0x[0-9a-f]{8}, that of its data is 0x[0-9a-f]{8}$/,
    );
    expect(altered.details).toMatchObject({ record: 1, offset: 21 });
    expect(altered.details.expected).not.toBe(altered.details.found);

    const cut = await failure(read(bytes.slice(0, 30)));
    expect(cut.found).toBe("the file ends 9 bytes into it, but it has a head of 12 bytes");
    const cutLater = await failure(read(bytes.slice(0, 40)));
    expect(cutLater.found).toBe("the file ends 19 bytes into it, but it takes 22 bytes");
    expect(cutLater.details).toEqual({ record: 1, offset: 21, expected: 22, found: 19 });
  });

  it("names the file", async () => {
    const path = join(scratch, "cut.tfrecord");
    await writeFile(path, goldenBytes("raw.tfrecord").slice(0, -1));
    expect((await failure(collect(readRecords(path)))).message).toContain(path);
  });

  it("gives the records before it", async () => {
    const reading = readRecords(goldenBytes("examples.plain.tfrecord").slice(0, -1));
    const seen: Uint8Array[] = [];
    await failure(
      (async () => {
        for await (const record of reading) seen.push(record);
      })(),
    );
    expect(seen).toHaveLength(5);
  });

  it("is what a file read with another compression than its own looks like", async () => {
    const wrong = [
      ["examples.plain", "gzip"],
      ["examples.plain", "zlib"],
      ["examples.gzip", "none"],
      ["examples.gzip", "zlib"],
      ["examples.zlib", "gzip"],
    ] as const;
    for (const [name, compression] of wrong) {
      const { code, fix } = await failure(read(goldenBytes(`${name}.tfrecord`), { compression }));
      expect(code).toBe("TFRECORD_CORRUPT");
      expect(fix).toContain("compression");
    }
  });

  it("is what garbage looks like", async () => {
    for (const garbage of ["{}", "<!doctype html><html><body></body></html>", "a,b\n1,2\n".repeat(1000)]) {
      expect((await failure(read(text(garbage)))).code).toBe("TFRECORD_CORRUPT");
    }
  });

  it("is bytes after the end of a compressed file; a second compressed part is none", async () => {
    const [one, two] = await Promise.all([["a"], ["b"]].map((some) => bytesOf(encodeRecords(some.map(text)))));
    const packed = [gzipSync(one as Uint8Array), gzipSync(two as Uint8Array)];
    expect(await read(new Uint8Array(Buffer.concat(packed)))).toEqual([text("a"), text("b")]);
    for (const size of [3, 1000]) {
      const spoilt = Buffer.concat([...packed, Buffer.from("and more")]);
      const pieces = Array.from(
        { length: Math.ceil(spoilt.length / size) },
        (_, index) => new Uint8Array(spoilt.subarray(index * size, (index + 1) * size)),
      );
      expect((await failure(collect(readRecords(Readable.from(pieces))))).code).toBe("TFRECORD_CORRUPT");
    }
  });

  it("takes no memory for a length that is only claimed", async () => {
    const bytes = await bytesOf(encodeRecords([text("x")]));
    const { maskedChecksum } = await import("./checksum.js");
    const view = new DataView(bytes.buffer);
    const claim = (low: number, high: number) => {
      view.setUint32(0, low, true);
      view.setUint32(4, high, true);
      view.setUint32(8, maskedChecksum(bytes, 0, 8), true);
    };
    claim(2 ** 30, 0);
    const before = process.memoryUsage().arrayBuffers;
    expect((await failure(read(bytes))).found).toContain(`takes ${2 ** 30 + 16} bytes`);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000);
    claim(0, 0x7fffffff);
    const { found, fix } = await failure(read(bytes));
    expect(found).toBe(`its length is ${0x7fffffff * 2 ** 32} bytes, and at most ${2 ** 30} are taken`);
    expect(fix).toContain("maxRecordBytes");
    claim(2, 0);
    expect((await failure(read(bytes, { maxRecordBytes: 1 }))).found).toContain("at most 1 are taken");
  });

  it("is forgiven at the end of a file that is still written, and nowhere else", async () => {
    const bytes = goldenBytes("examples.plain.tfrecord");
    expect(await read(bytes.slice(0, -1), { unfinished: true })).toHaveLength(5);
    expect(await read(bytes.slice(0, 3), { unfinished: true })).toHaveLength(0);
    const altered = bytes.slice();
    altered[20] = 0;
    expect((await failure(read(altered, { unfinished: true }))).code).toBe("TFRECORD_CORRUPT");
  });
});

describe("reading", () => {
  it("passes on that a file is not there", async () => {
    await expect(collect(readRecords(join(scratch, "nowhere.tfrecord")))).rejects.toThrow("ENOENT");
  });

  it("stops when it is cancelled", async () => {
    const cancelling = new AbortController();
    const endless = (async function* () {
      for (;;) yield goldenBytes("raw.tfrecord");
    })();
    const reading = (async () => {
      let seen = 0;
      for await (const _ of readRecords(endless, { signal: cancelling.signal })) {
        seen += 1;
        if (seen === 100) cancelling.abort(new Error("enough"));
      }
    })();
    await expect(reading).rejects.toThrow("enough");
  });

  it("closes its source when the reader turns away, compressed or not", async () => {
    for (const name of ["plain", "gzip"]) {
      let closed = false;
      const source = (async function* () {
        try {
          for (const byte of goldenBytes(`examples.${name}.tfrecord`)) yield Uint8Array.of(byte);
          await new Promise(setImmediate);
        } finally {
          closed = true;
        }
      })();
      for await (const _ of readRecords(source)) break;
      await expect.poll(() => closed).toBe(true);
    }
  });

  it("keeps memory flat over a long file", async () => {
    const record = new Uint8Array(100_000).fill(1);
    const long = (async function* () {
      for (let index = 0; index < 3_000; index += 1) yield record;
    })();
    const highest = { bytes: 0 };
    const before = process.memoryUsage().arrayBuffers;
    let seen = 0;
    for await (const _ of readRecords(encodeRecords(long))) {
      seen += 1;
      if (seen % 100 === 0) {
        highest.bytes = Math.max(highest.bytes, process.memoryUsage().arrayBuffers - before);
      }
    }
    expect(seen).toBe(3_000);
    expect(highest.bytes).toBeLessThan(150_000_000);
  });
});
