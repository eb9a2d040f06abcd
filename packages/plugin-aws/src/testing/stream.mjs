// Writes and reads one large object in a process of its own, and says how much memory that took. Uses the built package.
import { createHash } from "node:crypto";
import { s3 } from "../../dist/index.js";

process.once("message", async ({ endpoint, bucket, bytes }) => {
  const { create } = await s3.load();
  const config = { bucket, endpoint, prefix: "large", partSize: 8 << 20, partsAtOnce: 4, attempts: 6, timeout: 60 };
  const store = await create({ config });
  const sent = createHash("sha256");
  async function* body() {
    const piece = Buffer.alloc((1 << 20) - 5, "0123456789abcdefghijklmnopqrstuvwxyz-");
    for (let left = bytes; left > 0; left -= piece.length) {
      piece.writeUInt32LE(left >>> 0, 0);
      const part = piece.subarray(0, left);
      sent.update(part);
      yield part;
    }
  }
  const started = performance.now();
  await store.write("object", body());
  const written = performance.now();
  const read = createHash("sha256");
  for await (const piece of store.read("object")) read.update(piece);
  const seconds = [(written - started) / 1000, (performance.now() - written) / 1000];
  await store.delete("object");
  await store.dispose();
  const peak = process.resourceUsage().maxRSS * 1024;
  process.send({ peak, seconds, sent: sent.digest("hex"), read: read.digest("hex") }, () => process.exit());
});
