// TFRecord files written, read and copied beside plain streams of the same bytes, in turn in one process; and Examples
// encoded and decoded.
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import {
  decodeExample,
  encodeExample,
  floatList,
  int64List,
  readRecordBatches,
  readRecords,
  writeRecords,
} from "../packages/tfrecord/dist/index.js";
import { median, report, table } from "./measure.mjs";

const rounds = Number(process.env.RUNS ?? 7);
const mebibytes = Number(process.env.MEBIBYTES ?? 128);
const highWaterMark = 1 << 20;
const scratch = mkdtempSync(join(tmpdir(), "tenon-bench-tfrecord-"));
const [input, packed, output] = ["in", "in.gz", "out"].map((name) => join(scratch, name));

const read = (path) => createReadStream(path, { highWaterMark });
const drain = async (pieces) => {
  let bytes = 0;
  for await (const piece of pieces) bytes += piece.length;
  return bytes;
};
async function* pieces(record, count) {
  const piece = Buffer.alloc(highWaterMark, record);
  for (let rest = count * (record.length + 16); rest > 0; rest -= piece.length) {
    yield rest < piece.length ? piece.subarray(0, rest) : piece;
  }
}
function* repeated(record, count) {
  for (let index = 0; index < count; index += 1) yield record;
}

/** MB/s of each task, by the bytes of the uncompressed file: medians of rounds in turn, the first of which warms up. */
async function speeds(bytes, tasks) {
  const samples = Object.fromEntries(Object.keys(tasks).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, task] of Object.entries(tasks)) {
      const started = performance.now();
      await task();
      if (round > 0) samples[name].push(bytes / 1000 / (performance.now() - started));
      rmSync(output, { force: true });
    }
  }
  return Object.fromEntries(Object.entries(samples).map(([name, all]) => [name, median(all)]));
}

async function files(size) {
  const record = Buffer.alloc(size, "a record of some bytes, ");
  const count = Math.ceil((mebibytes << 20) / (size + 16));
  await writeRecords(input, repeated(record, count));
  await writeRecords(packed, repeated(record, count), { compression: "gzip" });
  return speeds(statSync(input).size, {
    "plain write": () => pipeline(pieces(record, count), createWriteStream(output, { highWaterMark })),
    write: () => writeRecords(output, repeated(record, count)),
    "plain read": () => drain(read(input)),
    "read in batches": async () => {
      for await (const _ of readRecordBatches(input));
    },
    "read one by one": async () => {
      for await (const _ of readRecords(input));
    },
    "plain copy": () => pipeline(read(input), createWriteStream(output, { highWaterMark })),
    copy: () => writeRecords(output, readRecords(input)),
    "plain gunzip": () => drain(read(packed).pipe(createGunzip({ chunkSize: 1 << 18 }))),
    "read gzip": async () => {
      for await (const _ of readRecordBatches(packed));
    },
  });
}

async function examples(feature) {
  const example = {
    features: new Map([
      ["image", feature],
      ["label", int64List([7])],
    ]),
  };
  const bytes = encodeExample(example);
  const count = Math.ceil(((mebibytes / 8) << 20) / bytes.length);
  const times = (task) => () => {
    for (let index = 0; index < count; index += 1) task();
  };
  return speeds(count * bytes.length, {
    encode: times(() => encodeExample(example)),
    decode: times(() => decodeExample(bytes)),
  });
}

try {
  const sizes = { "100 B": 100, "3 KiB": 3072, "100 KiB": 102_400 };
  const results = {};
  for (const [name, size] of Object.entries(sizes)) results[name] = await files(size);
  const pairs = [
    ["written", "write", "plain write"],
    ["read in batches", "read in batches", "plain read"],
    ["read one by one", "read one by one", "plain read"],
    ["read and written again", "copy", "plain copy"],
    ["read from GZIP", "read gzip", "plain gunzip"],
  ];
  const digit = Array.from({ length: 784 }, (_, index) => index % 256);
  const messages = {
    "784 floats and a label": await examples(floatList(digit)),
    "784 integers and a label": await examples(int64List(digit)),
  };
  report(
    "TFRecord",
    `${table([
      ["MB/s", ...Object.keys(sizes).flatMap((name) => [`records of ${name}`, "plain stream", "ratio"])],
      ...pairs.map(([title, task, plain]) => [
        title,
        ...Object.values(results).flatMap((result) => [result[task], result[plain], result[task] / result[plain]]),
      ]),
    ])}

${table([
  ["tf.train.Example, MB/s", "encoded", "decoded"],
  ...Object.entries(messages).map(([name, { encode, decode }]) => [name, encode, decode]),
])}

Files of ${mebibytes} MiB, medians of ${rounds} rounds in turn in one process. Both checksums of every record are computed, and compared when
they are read. The plain streams move the same bytes through the same file system, in pieces of 1 MiB, and look at none of them.`,
  );
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
