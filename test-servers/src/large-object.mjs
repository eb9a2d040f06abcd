// Writes and reads one large object in a process of its own, and says how much memory that took. Uses a built plugin.
import { createHash } from "node:crypto";

process.once("message", async ({ plugin, flavor, config, secrets, bytes }) => {
  const { [flavor]: definition } = await import(plugin);
  const { create } = await definition.load();
  const store = await create({ config, resolveSecret: async ({ name }) => secrets[name] });
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
  const started = performance.now();
  await store.write("object", body());
  const written = performance.now();
  const read = createHash("sha256");
  for await (const piece of store.read("object")) {
    read.update(piece);
    look();
  }
  const seconds = [(written - started) / 1000, (performance.now() - written) / 1000];
  await store.delete("object");
  await store.dispose?.();
  process.send({ peak, seconds, sent: sent.digest("hex"), read: read.digest("hex") }, () => process.exit());
});
