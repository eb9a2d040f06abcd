// What it costs in plain Node: a stream into a file with SHA-256 as it goes by, and the file read back.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, rmSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { mebibytes, source } from "./source.mjs";

const [path, verify] = process.argv.slice(2);
const highWaterMark = 1 << 20;
const started = performance.now();
const written = createHash("sha256");
await pipeline(
  source,
  async function* digested(pieces) {
    for await (const piece of pieces) {
      written.update(piece);
      yield piece;
    }
  },
  createWriteStream(path, { highWaterMark }),
);
const digest = written.digest("hex");
const writeMs = performance.now() - started;
let size = 0;
const read = createHash("sha256");
for await (const piece of createReadStream(path, { highWaterMark })) {
  size += piece.length;
  if (verify === "verify") read.update(piece);
}
assert.equal(size, mebibytes << 20);
if (verify === "verify") assert.equal(read.digest("hex"), digest);
console.log(JSON.stringify({ ms: performance.now() - started, writeMs }));
rmSync(path);
