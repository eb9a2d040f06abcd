// Writes and reads one large object in a process of its own, and says how much memory that took. Uses the built package.
import { createHash } from "node:crypto";
import { gcs } from "../../dist/index.js";

process.once("message", async ({ endpoint, bucket, bytes }) => {
  const { create } = await gcs.load();
  const store = await create({ config: { bucket, endpoint, anonymous: true } });
  // The system's own figure begins with the memory of the process that started this one.
  let peak = 0;
  const look = () => {
    peak = Math.max(peak, process.memoryUsage.rss());
  };
  const sent = createHash("sha256");
  async function* body() {
    const piece = Buffer.alloc((1 << 20) - 5, "0123456789abcdefghijklmnopqrstuvwxyz-");
    for (let left = bytes; left > 0; left -= piece.length) {
      piece.writeUInt32LE(left >>> 0, 0);
      const part = piece.subarray(0, left);
      sent.update(part);
      look();
      yield part;
    }
  }
  await store.write("object", body());
  const read = createHash("sha256");
  for await (const piece of store.read("object")) {
    read.update(piece);
    look();
  }
  process.send({ peak, sent: sent.digest("hex"), read: read.digest("hex") }, () => process.exit());
});
