// One client doing one sort of work against a running server: argv is JSON, the answer too.
const { service, client, work, config, bytes, count } = JSON.parse(process.argv[2]);
const module = await import(`./${service}.mjs`);
const store = await module[client](config);
const atOnce = 32;

async function* body() {
  const piece = Buffer.alloc(1 << 20, "0123456789abcdefghijklmnopqrstuvwxyz-");
  for (let left = bytes; left > 0; left -= piece.length) yield Buffer.from(piece.subarray(0, left));
}

async function read(key) {
  let length = 0;
  for await (const piece of await store.read(key)) length += piece.length;
  return length;
}

async function eachSmall(act) {
  let next = 0;
  const lane = async () => {
    while (next < count) await act(`small/${client}/${next++}`);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}

const timed = async (act) => {
  const started = performance.now();
  const cpu = process.cpuUsage();
  await act();
  const { user, system } = process.cpuUsage(cpu);
  return { ms: performance.now() - started, cpuMs: (user + system) / 1000 };
};

const small = Buffer.alloc(1024, "x");
// Connections and code are warm in a run as well.
for (let turn = 0; turn < 3; turn += 1) await store.write("warm", small);
await read("warm");
const written = await timed(() =>
  work === "large" ? store.writeStream("large", body()) : eachSmall((key) => store.write(key, small)),
);
const readBack = await timed(async () => {
  if (work === "small") return eachSmall(read);
  const length = await read("large");
  if (length !== bytes) throw new Error(`${length} bytes came back`);
});
if (work === "large") await store.delete("large");
await store.close();
console.log(JSON.stringify({ written, read: readBack }));
